namespace Serverless.Access;

/// <summary>Collects one line of aws-chunked framing, which may lie across pieces of the body.</summary>
internal sealed class LineBuffer
{
    /// <summary>The longest line taken, in bytes, end included.</summary>
    private const int MaxLength = 1024;

    private readonly byte[] bytes = new byte[MaxLength];
    private int length;
    private bool complete;

    /// <summary>The line without CR LF, once <see cref="TryComplete"/> has said so; valid until it is called again.</summary>
    public ReadOnlySpan<byte> Line => bytes.AsSpan(0, length - 2);

    /// <summary>Takes bytes off the body up to the end of the line.</summary>
    /// <returns>Whether the line is complete; if not, the body's current bytes are used up.</returns>
    /// <exception cref="AccessException">IncompleteBody: the line is too long to be one.</exception>
    public bool TryComplete(BodyReader body)
    {
        if (complete)
        {
            complete = false;
            length = 0;
        }
        while (!complete && !body.Current.IsEmpty)
        {
            var source = body.Current.Span;
            var feed = source.IndexOf((byte)'\n');
            var count = feed < 0 ? source.Length : feed + 1;
            if (count > MaxLength - length)
            {
                throw new AccessException(AccessErrors.IncompleteChunks);
            }
            source[..count].CopyTo(bytes.AsSpan(length));
            length += count;
            body.Advance(count);
            // A lone line feed is part of the line, which whoever parses it then refuses.
            complete = feed >= 0 && length >= 2 && bytes[length - 2] == '\r';
        }
        return complete;
    }
}
