using Microsoft.Extensions.Primitives;
using Serverless.Access;

namespace Serverless.Keys;

/// <summary>
/// The condition keys of a KMS call (https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html), before the global ones. What only some operations have
/// is noted in the call (<see cref="KmsCall.Conditions"/>).
/// </summary>
/// <param name="call">The call.</param>
/// <param name="access">What it asks to do.</param>
/// <param name="key">The key that it concerns, or null.</param>
/// <param name="aliases">The key's aliases, or null where no policy asks for them.</param>
/// <param name="now">The time of the call.</param>
internal sealed class KmsConditionKeys(KmsCall call, KeyAccess access, KmsKey? key, IReadOnlyList<string>? aliases, DateTimeOffset now) : IConditionKeys
{
    public const string ResourceAliases = "kms:resourcealiases";

    private const string ContextPrefix = "kms:encryptioncontext:";
    private const string TagPrefix = "aws:resourcetag/";

    private GlobalConditionKeys? _global;

    public StringValues? Find(string name) => OfCall(name) ?? (key is null ? null : OfKey(key, name)) ?? Global.Find(name);

    private GlobalConditionKeys Global => _global ??= new(call.Use.Caller, call.Use.Region, now, key?.AccountId);

    private StringValues? OfCall(string name) => name switch
    {
        "kms:calleraccount" => call.Use.Caller.Principal.AccountId,
        "kms:viaservice" => call.Use.ViaServiceName is { } service ? service : default(StringValues?),
        "kms:requestalias" => access.Alias is { } alias ? alias : default(StringValues?),
        "kms:encryptioncontextkeys" => access.Context.Pairs.Count > 0 ? new StringValues([.. access.Context.Pairs.Keys]) : default(StringValues?),
        "kms:grantisforawsresource" => call.Operation is KmsOperation.CreateGrant or KmsOperation.ListGrants or KmsOperation.RevokeGrant
            ? Text(call.Use.ViaService is not null)
            : default(StringValues?),
        _ when name.StartsWith(ContextPrefix, StringComparison.Ordinal) => ValuesOf(access.Context.Pairs, name[ContextPrefix.Length..]),
        _ => call.Conditions.TryGetValue(name, out StringValues values) ? values
            : name == "kms:encryptionalgorithm" && UsesEncryption(call.Operation) ? KmsAnswers.Algorithm
            : default(StringValues?),
    };

    private StringValues? OfKey(KmsKey of, string name) => name switch
    {
        "kms:keyspec" or "kms:customermasterkeyspec" => of.Spec.Name(),
        "kms:keyusage" or "kms:customermasterkeyusage" => of.Spec.Usage(),
        "kms:keyorigin" => of.Origin.Name(),
        "kms:multiregion" => Text(false),
        ResourceAliases => aliases is { Count: > 0 } ? new StringValues([.. aliases]) : default(StringValues?),
        _ when name.StartsWith(TagPrefix, StringComparison.Ordinal) =>
            ValuesOf(of.Tags.Select(tag => KeyValuePair.Create(tag.Key, tag.Value)), name[TagPrefix.Length..]),
        _ => null,
    };

    // Names of condition keys do not tell apart what differs in case alone; then any of the values may match.
    private static StringValues? ValuesOf(IEnumerable<KeyValuePair<string, string>> pairs, string name)
    {
        string[] values = [.. pairs.Where(pair => pair.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(pair => pair.Value)];
        return values.Length > 0 ? new StringValues(values) : default(StringValues?);
    }

    private static bool UsesEncryption(KmsOperation operation) => operation is
        KmsOperation.Encrypt or KmsOperation.Decrypt or KmsOperation.ReEncrypt or KmsOperation.GenerateDataKey or KmsOperation.GenerateDataKeyWithoutPlaintext;

    private static StringValues? Text(bool value) => value ? "true" : "false";
}
