using System.IO.Pipelines;
using System.Security.Cryptography;

namespace Serverless.Access;

/// <summary>The SHA-256 of a small body, which stays in the pipe to be read again.</summary>
internal static class BodyHash
{
    /// <summary>The largest body of the JSON and query APIs in bytes; KMS takes 4 KiB of data and 32 KiB of policy.</summary>
    public const int MaxLength = 256 * 1024;

    /// <returns>Lower-case hexadecimal digits.</returns>
    /// <exception cref="AccessException">The body is too large, or broke off.</exception>
    public static async ValueTask<string> ComputeAsync(PipeReader body, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await BodyReader.ReadAsync(body, cancellationToken);
            if (result.Buffer.Length > MaxLength)
            {
                body.AdvanceTo(result.Buffer.End);
                throw new AccessException(AccessErrors.EntityTooLarge);
            }
            if (result.IsCompleted)
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                foreach (var segment in result.Buffer)
                {
                    hash.AppendData(segment.Span);
                }
                body.AdvanceTo(result.Buffer.Start);
                return Convert.ToHexStringLower(hash.GetHashAndReset());
            }
            body.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
