using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>How a GetParametersForImport request wants the material to be wrapped.</summary>
internal static class WrappingChoice
{
    private static readonly Dictionary<string, WrappingAlgorithm> Algorithms = new()
    {
        ["RSAES_OAEP_SHA_1"] = WrappingAlgorithm.RsaesOaepSha1,
        ["RSAES_OAEP_SHA_256"] = WrappingAlgorithm.RsaesOaepSha256,
        ["RSA_AES_KEY_WRAP_SHA_1"] = WrappingAlgorithm.RsaAesKeyWrapSha1,
        ["RSA_AES_KEY_WRAP_SHA_256"] = WrappingAlgorithm.RsaAesKeyWrapSha256,
    };

    private static readonly Dictionary<string, int> Bits = new() { ["RSA_2048"] = 2048, ["RSA_3072"] = 3072, ["RSA_4096"] = 4096 };

    // What the API names, too: PKCS #1 v1.5 is refused by AWS since 2023, SM2 is of its Regions in China.
    private static readonly string[] AllAlgorithms = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "RSAES_PKCS1_V1_5", "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256", "SM2PKE"];
    private static readonly string[] AllSpecs = [.. Bits.Keys, "SM2"];

    /// <summary>Reads it, and notes it in the call.</summary>
    /// <exception cref="KmsException">A member is missing, unknown or not supported.</exception>
    public static (WrappingAlgorithm Algorithm, int Bits) Read(KmsRequest request, KmsCall call)
    {
        string algorithm = Required(request, call, "WrappingAlgorithm", AllAlgorithms);
        string spec = Required(request, call, "WrappingKeySpec", AllSpecs);
        return (Supported("WrappingAlgorithm", algorithm, Algorithms), Supported("WrappingKeySpec", spec, Bits));
    }

    private static string Required(KmsRequest request, KmsCall call, string member, string[] all)
    {
        string value = request.Choice(member, all) ?? throw new KmsException(KmsErrors.Missing(KmsRequest.Camel(member)));
        call.Note(KmsRequest.Camel(member), value);
        call.Condition("kms:" + member, value);
        return value;
    }

    private static T Supported<T>(string member, string value, Dictionary<string, T> supported) =>
        supported.TryGetValue(value, out T? known) ? known : throw new KmsException(KmsErrors.Unsupported($"{member} {value}"));
}
