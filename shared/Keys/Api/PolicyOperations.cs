using System.Text.Json;

namespace Serverless.Keys;

/// <summary>PutKeyPolicy, GetKeyPolicy and ListKeyPolicies. They take a key id or key ARN, not an alias; a key has one policy, named <c>default</c>.</summary>
internal sealed class PolicyOperations(KmsKeyring keyring, KeyChanges changes, NewKeyPolicy policies)
{
    private const string Name = "default";
    private const int MaxNameLength = 128;
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html</summary>
    public async Task PutKeyPolicyAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        _ = ReadNames(request, call);
        (string? given, bool bypass) = NewKeyPolicy.Read(request, call);
        string policy = given ?? throw new KmsException(KmsErrors.Missing("policy"));
        await changes.ChangeAsync(
            request,
            call,
            async key =>
            {
                await policies.CheckAsync(call, key, policy, bypass, cancellationToken).ConfigureAwait(false);
                return new KeyChange(key with { Policy = policy });
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html</summary>
    public async Task GetKeyPolicyAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        KmsKey key = await keyring.FindExactlyAsync(call, ReadNames(request, call), cancellationToken).ConfigureAwait(false);
        await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        answer.WriteStartObject();
        answer.WriteString("Policy"u8, KeyPolicies.DocumentOf(key));
        answer.WriteString("PolicyName"u8, Name);
        answer.WriteEndObject();
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html</summary>
    public async Task ListKeyPoliciesAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string keyId = request.KeyId;
        call.Note("keyId", keyId);
        // A list of one has no second page.
        var page = PageRequest.Read(request, DefaultLimit, MaxLimit, _ => false);
        KmsKey key = await keyring.FindExactlyAsync(call, keyId, cancellationToken).ConfigureAwait(false);
        await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        page.Write(answer, "PolicyNames", [Name], answer.WriteStringValue, name => name);
    }

    private static string ReadNames(KmsRequest request, KmsCall call)
    {
        string keyId = request.KeyId;
        string name = request.Text("PolicyName", MaxNameLength, minLength: 1) ?? Name;
        call.Note("keyId", keyId);
        call.Note("policyName", name);
        return name == Name ? keyId : throw new KmsException(KmsErrors.NoSuchPolicy);
    }
}
