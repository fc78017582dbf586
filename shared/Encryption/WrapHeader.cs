namespace Serverless.Encryption;

/// <summary>What a wrapped key says about itself, before anything is authenticated.</summary>
/// <param name="KeyId">The key that wrapped it: 0 to 255 bytes of UTF-8.</param>
/// <param name="KeyVersion">That key's version.</param>
/// <param name="PlaintextLength">The size of what is wrapped, in bytes: 1 to <see cref="KeyWrap.MaxPlaintextSize"/>.</param>
public readonly record struct WrapHeader(string KeyId, uint KeyVersion, int PlaintextLength);
