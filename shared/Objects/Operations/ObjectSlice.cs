using System.Globalization;
using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Checksums;
using Serverless.Objects.Multipart;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>What a GET or HEAD gives of an object: all of it, a range, or one of the parts that it was uploaded in.</summary>
/// <param name="IsPartial">Whether the answer is 206, with the place in the object.</param>
/// <param name="Checksum">The checksum of what is given, if there is one.</param>
/// <param name="PartsCount">For a part, of how many it is one.</param>
internal sealed record ObjectSlice(long Offset, long Count, bool IsPartial, Checksum? Checksum, int? PartsCount = null)
{
    /// <exception cref="S3Exception">InvalidRange.</exception>
    public static ObjectSlice OfRange(ObjectDescription description, ByteRange? range)
    {
        if (range is not { } asked) return new(0, description.Length, IsPartial: false, description.Checksum);
        var (offset, count) = asked.Resolve(description.Length) ?? throw new S3Exception(S3Errors.InvalidRange(asked.Text, description.Length));
        return new(offset, count, IsPartial: true, count == description.Length ? description.Checksum : null);
    }

    /// <summary>A part by the number that it was uploaded under; an object that came in one request is its part 1.</summary>
    /// <param name="manifest">The object's manifest; null where it came in one request.</param>
    /// <exception cref="S3Exception">InvalidPartNumber.</exception>
    public static ObjectSlice OfPart(ObjectDescription description, Manifest? manifest, int number)
    {
        if (manifest is null)
        {
            return number == 1 ? new(0, description.Length, IsPartial: description.Length > 0, description.Checksum)
                : throw new S3Exception(MultipartErrors.PartNotSatisfiable(number, 1));
        }
        var offset = 0L;
        foreach (var part in manifest.Parts)
        {
            if (part.Number == number)
            {
                var checksum = part.Checksum is { } value && description.Checksum is { } whole ? new Checksum(whole.Algorithm, value) : null;
                // No place can be told of nothing.
                return new(offset, part.Length, IsPartial: part.Length > 0, checksum, manifest.Parts.Count);
            }
            offset += part.Length;
        }
        throw new S3Exception(MultipartErrors.PartNotSatisfiable(number, manifest.Parts.Count));
    }

    /// <summary>Writes status, length and place, and if it is asked for the checksum.</summary>
    public void Write(HttpResponse response, ObjectDescription description, bool withChecksum)
    {
        if (withChecksum && Checksum is not null) ObjectResponse.WriteChecksum(response, Checksum, description.Checksum!.Type);
        if (PartsCount is { } count) response.Headers["x-amz-mp-parts-count"] = count.ToString(CultureInfo.InvariantCulture);
        if (IsPartial)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {Offset}-{Offset + Count - 1}/{description.Length}");
        }
        response.ContentLength = Count;
    }
}
