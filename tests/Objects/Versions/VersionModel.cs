using System.Collections.Immutable;
using Serverless.Objects.Buckets;

namespace Serverless.Objects.Tests.Versions;

/// <summary>A version as clients see it.</summary>
/// <param name="Id">Its id; "" where nobody was told.</param>
/// <param name="Content">Its content; null for a delete marker.</param>
internal sealed record ModelVersion(string Id, string? Content)
{
    public bool IsNull => Id == "null";

    /// <summary>Whether this may be what was seen: an id that nobody was told is any but the null one, and delete markers are all alike.</summary>
    public bool Fits(ModelVersion seen) => Content == seen.Content && (Content is null || Id.Length == 0 ? IsNull == seen.IsNull : Id == seen.Id);
}

/// <summary>What S3's versioning makes of one key (https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html): its versions, the latest first.</summary>
internal sealed record VersionModel(ImmutableList<ModelVersion> Versions)
{
    public static VersionModel Empty { get; } = new(ImmutableList<ModelVersion>.Empty);

    /// <param name="content">The content; null for the deletion of the object.</param>
    /// <param name="id">The id that was answered; "" where the answer was lost.</param>
    public VersionModel Write(BucketVersioning versioning, string? content, string id) => versioning switch
    {
        BucketVersioning.Enabled => new(Versions.Insert(0, new(id, content))),
        BucketVersioning.Suspended => new(Versions.RemoveAll(version => version.IsNull).Insert(0, new("null", content))),
        _ => content is null ? Empty : new([new("null", content)]),
    };

    public VersionModel Delete(string id) => new(Versions.RemoveAll(version => version.Id == id));

    public bool Fits(IReadOnlyList<ModelVersion> seen) => Versions.Count == seen.Count && Versions.Zip(seen).All(pair => pair.First.Fits(pair.Second));

    public bool FitsInAnyOrder(IReadOnlyList<ModelVersion> seen)
    {
        var left = seen.ToList();
        // Those whose ids are known are found first.
        return Versions.OrderByDescending(version => version.Id.Length).All(version => left.FindIndex(version.Fits) is >= 0 and var at && left.Remove(left[at])) && left.Count == 0;
    }

    public override string ToString() => string.Join(' ', Versions.Select(version => $"{(version.Id.Length > 12 ? version.Id[12..20] : version.Id)}={version.Content ?? "marker"}"));
}
