using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>What a call asks to do with one key, as policies and grants judge it. Most calls ask for one thing; ReEncrypt asks for another with either key.</summary>
/// <param name="Action">The permission, without the prefix <c>kms:</c>.</param>
/// <param name="Context">The encryption context of this key's use; of CreateGrant the one in the grant's constraint.</param>
/// <param name="Alias">The alias that the request names the key by, or null.</param>
/// <param name="Grant">The grant that is to be made, or null.</param>
internal readonly record struct KeyAccess(string Action, EncryptionContext Context, string? Alias = null, KmsGrant? Grant = null);
