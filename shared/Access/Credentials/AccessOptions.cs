using Microsoft.Extensions.Options;

namespace Serverless.Access;

/// <summary>The settings <c>Access__…</c>.</summary>
public sealed class AccessOptions
{
    /// <summary>The root principal's access key id: 16 to 128 letters, digits and underscores, as AWS's own.</summary>
    public string RootAccessKeyId { get; set; } = "";

    /// <summary>The root principal's secret access key: at least 16 characters.</summary>
    public string RootSecretAccessKey { get; set; } = "";

    /// <summary>Where the raw request target is to be had.</summary>
    public RawTargetSource RawTarget { get; set; } = RawTargetSource.Server;

    /// <summary>Refuses to start with settings that could not be meant; never shows a value.</summary>
    internal sealed class Validator : IValidateOptions<AccessOptions>
    {
        public ValidateOptionsResult Validate(string? name, AccessOptions options)
        {
            var failures = new List<string>();
            if (options.RootAccessKeyId is not { Length: >= 16 and <= 128 } id || !id.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            {
                failures.Add("Access__RootAccessKeyId must be set, to 16 to 128 characters of A-Z, a-z, 0-9 and _.");
            }
            if (options.RootSecretAccessKey is not { Length: >= 16 })
            {
                failures.Add("Access__RootSecretAccessKey must be set, to at least 16 characters.");
            }
            if (!Enum.IsDefined(options.RawTarget))
            {
                failures.Add("Access__RawTarget must be Server, FrontEnd or Rebuilt.");
            }
            return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
        }
    }
}
