namespace Serverless.Objects;

/// <summary>The settings of section <c>Uploads</c>.</summary>
public sealed class UploadsOptions
{
    public const string Section = "Uploads";

    /// <summary>After how many days from its beginning an upload that is still in progress is aborted: 1 or more.</summary>
    public int AbandonedAfterDays { get; set; } = 7;
}
