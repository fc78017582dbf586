using Serverless.Objects.Api;

namespace Serverless.Objects.Versions;

/// <summary>
/// What clients know a version by: its <see cref="VersionRank"/>, or <c>null</c> for what was written while versioning was not enabled
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html).
/// </summary>
/// <param name="Rank">The rank; null for the null version.</param>
public readonly record struct VersionId(VersionRank? Rank)
{
    public const string Parameter = "versionId";

    private const string NullText = "null";

    public static VersionId Null { get; }

    public bool IsNull => Rank is null;

    /// <summary>The id that a request names; null where it names none.</summary>
    /// <exception cref="S3Exception">InvalidArgument: no version can have it.</exception>
    public static VersionId? Parse(string? text, string argument = Parameter) => text switch
    {
        null => null,
        "" => throw new S3Exception(S3Errors.InvalidArgument("Version id cannot be the empty string", argument, "")),
        _ => TryParse(text, out var id) ? id : throw new S3Exception(S3Errors.InvalidArgument("Invalid version id specified", argument, text)),
    };

    public static bool TryParse(string text, out VersionId id)
    {
        id = Null;
        if (text == NullText) return true;
        if (!VersionRank.TryParse(text, out var rank)) return false;
        id = new(rank);
        return true;
    }

    public override string ToString() => Rank?.Text ?? NullText;
}
