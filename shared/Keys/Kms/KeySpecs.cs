namespace Serverless.Keys;

/// <summary>What a key's spec says about it (https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html).</summary>
internal static class KeySpecs
{
    /// <summary>The usage of symmetric encryption keys.</summary>
    public const string EncryptDecrypt = "ENCRYPT_DECRYPT";

    /// <summary>The usage of HMAC keys.</summary>
    public const string GenerateVerifyMac = "GENERATE_VERIFY_MAC";

    private readonly record struct Data(string Name, string Usage, string Algorithm, int MaterialSize);

    /// <summary>The spec as the API names it.</summary>
    public static string Name(this KeySpec spec) => DataOf(spec).Name;

    /// <summary>The one usage that a key of the spec can have, as the API names it.</summary>
    public static string Usage(this KeySpec spec) => DataOf(spec).Usage;

    /// <summary>The one algorithm that a key of the spec supports, as the API names it: of encryption or of authentication, as its usage is.</summary>
    public static string Algorithm(this KeySpec spec) => DataOf(spec).Algorithm;

    /// <summary>The size of its material, in bytes.</summary>
    public static int MaterialSize(this KeySpec spec) => DataOf(spec).MaterialSize;

    /// <summary>The origin as the API names it.</summary>
    public static string Name(this KeyOrigin origin) => origin == KeyOrigin.External ? "EXTERNAL" : "AWS_KMS";

    /// <summary>The rotation type as the API names it.</summary>
    public static string Name(this KeyRotationType type) => type == KeyRotationType.Automatic ? "AUTOMATIC" : "ON_DEMAND";

    private static Data DataOf(KeySpec spec) => spec switch
    {
        KeySpec.SymmetricDefault => new("SYMMETRIC_DEFAULT", EncryptDecrypt, "SYMMETRIC_DEFAULT", 32),
        KeySpec.Hmac224 => new("HMAC_224", GenerateVerifyMac, "HMAC_SHA_224", 28),
        KeySpec.Hmac256 => new("HMAC_256", GenerateVerifyMac, "HMAC_SHA_256", 32),
        KeySpec.Hmac384 => new("HMAC_384", GenerateVerifyMac, "HMAC_SHA_384", 48),
        KeySpec.Hmac512 => new("HMAC_512", GenerateVerifyMac, "HMAC_SHA_512", 64),
        _ => throw new ArgumentOutOfRangeException(nameof(spec)),
    };
}
