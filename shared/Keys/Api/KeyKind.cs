namespace Serverless.Keys;

/// <summary>
/// What kind of key a CreateKey request asks for (https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html): a value that the API does not know
/// and a combination that it does not allow are its ValidationException, what this service does not have is an UnsupportedOperationException.
/// </summary>
internal readonly record struct KeyKind(KeySpec Spec, KeyOrigin Origin)
{
    // In the order in which AWS lists them, as far as its messages are known; what came since is at the end.
    private static readonly string[] Specs =
    [
        "RSA_2048", "ECC_NIST_P384", "ECC_NIST_P256", "ECC_NIST_P521", "HMAC_384", "RSA_3072", "ECC_SECG_P256K1", "RSA_4096", "SYMMETRIC_DEFAULT",
        "HMAC_256", "HMAC_224", "HMAC_512", "SM2", "ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "ECC_NIST_EDWARDS25519",
    ];

    private static readonly string[] Usages = [KeySpecs.EncryptDecrypt, "SIGN_VERIFY", KeySpecs.GenerateVerifyMac, "KEY_AGREEMENT"];
    private static readonly string[] Origins = ["EXTERNAL", "AWS_CLOUDHSM", "AWS_KMS", "EXTERNAL_KEY_STORE"];

    /// <summary>Reads and judges it.</summary>
    /// <exception cref="KmsException">There is no such kind of key, or not here.</exception>
    public static KeyKind Read(KmsRequest request)
    {
        string? named = request.Choice("KeySpec", Specs);
        string? deprecated = request.Choice("CustomerMasterKeySpec", Specs);
        string? usage = request.Choice("KeyUsage", Usages);
        string? from = request.Choice("Origin", Origins);
        if (named is not null && deprecated is not null)
        {
            throw new KmsException(KmsErrors.TwoKeySpecs);
        }

        KeySpec spec = Find<KeySpec>(named is null ? "CustomerMasterKeySpec" : "KeySpec", named ?? deprecated ?? KeySpec.SymmetricDefault.Name(), KeySpecs.Name);
        KeyOrigin origin = Find<KeyOrigin>("Origin", from ?? KeyOrigin.AwsKms.Name(), KeySpecs.Name);
        if (usage is not (null or KeySpecs.EncryptDecrypt or KeySpecs.GenerateVerifyMac))
        {
            throw new KmsException(KmsErrors.Unsupported($"KeyUsage {usage}"));
        }

        if (usage is null && spec != KeySpec.SymmetricDefault)
        {
            throw new KmsException(KmsErrors.KeyUsageMissing);
        }

        return usage is null || usage == spec.Usage() ? new(spec, origin) : throw new KmsException(KmsErrors.KeyUsageMismatch(usage, spec.Name()));
    }

    private static T Find<T>(string member, string name, Func<T, string> nameOf) where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
        {
            if (nameOf(value) == name)
            {
                return value;
            }
        }

        throw new KmsException(KmsErrors.Unsupported($"{member} {name}"));
    }
}
