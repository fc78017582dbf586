namespace Serverless.Keys;

/// <summary>The root key's provider cannot be reached, or refuses. The message is one whole sentence that says what to mend, and holds no secret.</summary>
public sealed class RootKeyUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
