using Microsoft.AspNetCore.WebUtilities;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;

namespace Serverless.Objects.Browser;

/// <summary>
/// The file in a browser's form, as it comes. How long it is shows only at its end, where everything is verified: that it is as long as it may be, that it is the only one, and that the
/// form is whole.
/// </summary>
/// <param name="reader">The form, at the file.</param>
/// <param name="section">The file's part.</param>
/// <param name="payload">The request's body.</param>
/// <param name="mostLeft">The most bytes that the file can have, by what is left of the body.</param>
public sealed class PostedFile(MultipartReader reader, MultipartSection section, Payload payload, long mostLeft) : IPlaintext, IDisposable
{
    /// <summary>How much of a file that is too long is read on to tell how long it is.</summary>
    private const long MaxCounted = 64 << 20;

    private readonly StreamPlaintext _content = new(section.Body);
    private long _length;

    /// <summary>The most bytes that the file can have.</summary>
    public long MostLength => Math.Max(mostLeft, 0);

    /// <summary>The least bytes that it may have.</summary>
    public long Least { get; set; }

    /// <summary>The most bytes that it may have.</summary>
    public long Most { get; set; } = long.MaxValue;

    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        var piece = await NextAsync(cancellationToken).ConfigureAwait(false);
        if (_length > Most)
        {
            while (!piece.IsEmpty && _length - Most <= MaxCounted) piece = await NextAsync(cancellationToken).ConfigureAwait(false);
            throw new S3Exception(S3Errors.EntityTooLarge(_length, Math.Max(Most, 0)));
        }
        if (!piece.IsEmpty) return piece;
        if (_length < Least) throw new S3Exception(S3Errors.EntityTooSmall(_length, Least));
        await ReadRestAsync(cancellationToken).ConfigureAwait(false);
        return default;
    }

    public string? Trailer(string name) => null;

    public void Dispose() => _content.Dispose();

    private async ValueTask<ReadOnlyMemory<byte>> NextAsync(CancellationToken cancellationToken)
    {
        var piece = await PostForm.Parse(token => _content.ReadAsync(token).AsTask(), cancellationToken).ConfigureAwait(false);
        _length += piece.Length;
        return piece;
    }

    private async ValueTask ReadRestAsync(CancellationToken cancellationToken)
    {
        while (await PostForm.Parse(reader.ReadNextSectionAsync, cancellationToken).ConfigureAwait(false) is { } other)
        {
            if (PostForm.IsFile(other)) throw new S3Exception(PostErrors.SeveralFiles);
        }
        while (await payload.ReadAsync(cancellationToken).ConfigureAwait(false) is { IsEmpty: false })
        {
            // Behind the form; a signed body is verified at its end.
        }
    }
}
