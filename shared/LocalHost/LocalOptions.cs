using System.Globalization;

namespace Serverless.LocalHost;

/// <summary>The command line. A port of 0 stands for a free one.</summary>
internal sealed record LocalOptions
{
    public const string Known = "--http-port N, --https-port N, --data-folder PATH, --ephemeral, --verbose";

    public int HttpPort { get; init; } = 7071;

    public int HttpsPort { get; init; } = 7072;

    /// <summary>Where emulator data, keys and certificates are kept; null for <c>.local</c> in the project's folder.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Everything in memory and in a temporary folder, and nothing kept.</summary>
    public bool Ephemeral { get; init; }

    /// <summary>Informational logs, and failures with all details.</summary>
    public bool Verbose { get; init; }

    /// <exception cref="StartupException">An option is unknown, lacks its value, or contradicts another.</exception>
    public static LocalOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new LocalOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            options = arguments[i] switch
            {
                "--http-port" => options with { HttpPort = Port(Value(arguments, ref i)) },
                "--https-port" => options with { HttpsPort = Port(Value(arguments, ref i)) },
                "--data-folder" => options with { DataFolder = Value(arguments, ref i) },
                "--ephemeral" => options with { Ephemeral = true },
                "--verbose" => options with { Verbose = true },
                var unknown => throw new StartupException($"Unknown option '{unknown}'. Known are: {Known}."),
            };
        }
        if (options is { Ephemeral: true, DataFolder: not null })
            throw new StartupException("--ephemeral keeps nothing, so --data-folder cannot be given with it.");
        if (options.HttpPort != 0 && options.HttpPort == options.HttpsPort)
            throw new StartupException($"--http-port and --https-port are both {options.HttpPort}: they must differ.");
        return options;
    }

    private static string Value(IReadOnlyList<string> arguments, ref int index) =>
        index + 1 < arguments.Count
            ? arguments[++index]
            : throw new StartupException($"Option '{arguments[index]}' needs a value. Known are: {Known}.");

    private static int Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= ushort.MaxValue
            ? port
            : throw new StartupException($"'{text}' is not a port: it must be a number from 0 (a free port) to 65535.");
}
