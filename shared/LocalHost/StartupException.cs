namespace Serverless.LocalHost;

/// <summary>
/// A start that failed for a reason the user can mend. The message is one whole sentence for the console, where it appears without a stack trace.
/// </summary>
public sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
