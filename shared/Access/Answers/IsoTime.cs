using System.Globalization;

namespace Serverless.Access;

/// <summary>A time as AWS writes it in answers and policies: UTC, in whole seconds.</summary>
internal static class IsoTime
{
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
