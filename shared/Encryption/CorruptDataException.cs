namespace Serverless.Encryption;

/// <summary>Encrypted data that did not authenticate: altered, truncated, reordered, or sealed under another key or context.</summary>
/// <remarks>There is one message and no reason, so that an answer made from it tells an attacker nothing.</remarks>
public sealed class CorruptDataException() : Exception("The encrypted data could not be authenticated.");
