using Azure;
using Serverless.Objects.Store;

namespace Serverless.Storage;

internal static class BlobRanges
{
    /// <summary>A range as Azure takes it: one whose end cannot be said in 63 bits goes to the blob's end.</summary>
    public static HttpRange Of(StoredRange? range) => range switch
    {
        null => default,
        { } open when open.Count > long.MaxValue / 2 => new HttpRange(open.Offset),
        { } closed => new HttpRange(closed.Offset, closed.Count),
    };
}
