using Serverless.Objects.Api;

namespace Serverless.Objects.Operations;

/// <summary>What a GetObjectAttributes asks for.</summary>
/// <param name="Names">The attributes.</param>
/// <param name="MaxParts">How many parts are to be listed at most.</param>
/// <param name="PartNumberMarker">Only parts of greater numbers are to be listed.</param>
public sealed record WantedAttributes(IReadOnlySet<string> Names, int MaxParts, int PartNumberMarker)
{
    public const string ETag = "ETag";
    public const string Checksum = "Checksum";
    public const string Parts = "ObjectParts";
    public const string StorageClass = "StorageClass";
    public const string Size = "ObjectSize";

    private const string Header = "x-amz-object-attributes";
    private const string MaxPartsHeader = "x-amz-max-parts";
    private const string MarkerHeader = "x-amz-part-number-marker";

    private static readonly string[] All = [ETag, Checksum, Parts, StorageClass, Size];

    public bool Has(string attribute) => Names.Contains(attribute);

    /// <exception cref="S3Exception">InvalidRequest: it asks for nothing; InvalidArgument: for something that there is not, or not for a number of parts.</exception>
    public static WantedAttributes Read(S3Request request)
    {
        var names = (request.Header(Header) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet();
        if (names.Count == 0) throw new S3Exception(S3Errors.InvalidRequest($"The {Header} header specifying the attributes to be retrieved is either missing or empty"));
        if (names.FirstOrDefault(name => !All.Contains(name)) is { } unknown) throw new S3Exception(S3Errors.InvalidArgument("Invalid attribute name specified.", Header, unknown));
        return new(names, ReadCount(request, MaxPartsHeader, Multipart.ListParts.MaxPage), ReadCount(request, MarkerHeader, 0));
    }

    private static int ReadCount(S3Request request, string header, int absent)
    {
        var count = CountParameter.Read(request.Header(header) ?? "", header, absent);
        CountParameter.Require(count, header, 0, int.MaxValue);
        return count;
    }
}
