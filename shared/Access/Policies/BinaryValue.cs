using System.Buffers.Text;

namespace Serverless.Access;

/// <summary>Bytes, in base64 in the policy and in the request.</summary>
internal sealed class BinaryValue(byte[] bytes) : IConditionTest
{
    /// <returns>Null where the text is not base64.</returns>
    public static BinaryValue? TryParse(string text) => Read(text) is { } bytes ? new(bytes) : null;

    public bool Matches(string value, IConditionKeys keys) => Read(value) is { } given && given.AsSpan().SequenceEqual(bytes);

    private static byte[]? Read(string text) => Base64.IsValid(text) ? Convert.FromBase64String(text) : null;
}
