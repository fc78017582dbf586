using System.Collections.Concurrent;

namespace Serverless.LocalHost.SampleApp;

/// <summary>What the functions were given, for the tests to read back.</summary>
public sealed class Journal
{
    public ConcurrentQueue<string> Entries { get; } = new();
}
