using System.Text.Json;

namespace Serverless.Objects.Admin;

/// <summary>What the answers of several operations are made of.</summary>
internal static class AdminAnswers
{
    /// <summary>A time as AWS JSON has it: seconds since 1970, with decimals.</summary>
    public static void WriteTime(this Utf8JsonWriter answer, string name, DateTimeOffset time) => answer.WriteNumber(name, time.ToUnixTimeMilliseconds() / 1000m);
}
