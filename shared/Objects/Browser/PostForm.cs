using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Serverless.Access;
using Serverless.Objects.Api;

namespace Serverless.Objects.Browser;

/// <summary>
/// A browser's upload form (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html), read up to its file: <c>multipart/form-data</c> as RFC 7578 has it. What comes behind the
/// file counts for nothing.
/// </summary>
/// <param name="Fields">The fields before the file, with the file's name in its place.</param>
/// <param name="File">The file, to be read.</param>
public sealed record PostForm(FormFields Fields, PostedFile File) : IDisposable
{
    /// <summary>The most that the fields before the file may take, in bytes, with what is around them.</summary>
    private const int MaxFieldsSize = 20 * 1024;

    /// <summary>RFC 2046 section 5.1.1.</summary>
    private const int MaxBoundaryLength = 70;

    /// <summary>Large, since the file is searched for the boundary by so much at a time.</summary>
    private const int BufferSize = 64 * 1024;

    private const string FileField = "file";

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <param name="contentType">The request's content type.</param>
    /// <param name="payload">The request's body, of a known length.</param>
    /// <exception cref="S3Exception">One of <see cref="PostErrors"/>.</exception>
    /// <exception cref="AccessException">The body is not what was signed or announced.</exception>
    public static async ValueTask<PostForm> ReadAsync(string? contentType, Payload payload, CancellationToken cancellationToken)
    {
        var boundary = ReadBoundary(contentType);
        var reader = new MultipartReader(boundary, new PayloadStream(payload), BufferSize) { HeadersLengthLimit = MaxFieldsSize };
        var (fields, size) = (new FormFields(), 0);
        while (await Parse(reader.ReadNextSectionAsync, cancellationToken).ConfigureAwait(false) is { } section)
        {
            var (name, fileName) = ReadDisposition(section);
            // At most what it takes, so that the rest of the body is at most what is left.
            size += boundary.Length + "--\r\n\r\n\r\n".Length + section.Headers!.Sum(header => header.Key.Length + header.Value.ToString().Length + ":\r\n".Length);
            if (name.Equals(FileField, StringComparison.OrdinalIgnoreCase))
            {
                if (size > MaxFieldsSize) throw new S3Exception(PostErrors.FieldsTooLarge(MaxFieldsSize));
                var mostLeft = payload.DecodedLength!.Value - size - boundary.Length - "----".Length;
                return new(fields.WithFileName(fileName), new(reader, section, payload, mostLeft));
            }
            var value = await ReadValueAsync(section.Body, MaxFieldsSize - size, cancellationToken).ConfigureAwait(false);
            size += value.Length;
            fields.Add(name, Decode(value));
        }
        throw new S3Exception(PostErrors.NoFile);
    }

    public void Dispose() => File.Dispose();

    /// <summary>Whether a part is the form's file, or would be.</summary>
    internal static bool IsFile(MultipartSection section) => ReadDisposition(section).Name.Equals(FileField, StringComparison.OrdinalIgnoreCase);

    /// <summary>Runs a parser's call with its complaints as S3's.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest.</exception>
    internal static async ValueTask<T> Parse<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(cancellationToken).ConfigureAwait(false);
        }
        // The latter for what is longer than it may be.
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new S3Exception(PostErrors.Malformed);
        }
    }

    private static string ReadBoundary(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new S3Exception(PostErrors.NotMultipart);
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary);
        return boundary.Length is > 0 and <= MaxBoundaryLength ? boundary.ToString() : throw new S3Exception(PostErrors.Malformed);
    }

    private static (string Name, string? FileName) ReadDisposition(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
            || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(disposition.Name) is not { Length: > 0 } name) throw new S3Exception(PostErrors.Malformed);
        return (name.ToString(), disposition.FileName.HasValue ? HeaderUtilities.RemoveQuotes(disposition.FileName).ToString() : null);
    }

    private static async ValueTask<byte[]> ReadValueAsync(Stream body, int limit, CancellationToken cancellationToken)
    {
        // One byte more shows that there is more.
        var value = new byte[Math.Max(limit, 0) + 1];
        var size = await Parse(token => body.ReadAtLeastAsync(value, value.Length, throwOnEndOfStream: false, token).AsTask(), cancellationToken).ConfigureAwait(false);
        return size < value.Length ? value[..size] : throw new S3Exception(PostErrors.FieldsTooLarge(MaxFieldsSize));
    }

    private static string Decode(byte[] value)
    {
        try
        {
            return StrictUtf8.GetString(value);
        }
        catch (DecoderFallbackException)
        {
            throw new S3Exception(PostErrors.Malformed);
        }
    }
}
