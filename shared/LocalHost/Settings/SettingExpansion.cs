using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Serverless.LocalHost.Settings;

/// <summary><c>%Setting%</c> in schedules and queue names, replaced by the setting's value.</summary>
internal static partial class SettingExpansion
{
    /// <exception cref="StartupException">A setting is missing.</exception>
    public static string Expand(this IConfiguration configuration, string text, string function) =>
        Setting().Replace(text, match =>
        {
            var name = match.Groups["name"].Value;
            return configuration[name.Replace("__", ":", StringComparison.Ordinal)]
                ?? throw new StartupException($"Function {function} needs the setting '{name}', which is not set.");
        });

    [GeneratedRegex("%(?<name>[^%]+)%")]
    private static partial Regex Setting();
}
