using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

/// <summary>Data keys under KMS keys, as S3 asks for them.</summary>
public sealed class DataKeyTests : IDisposable
{
    private const string Absent = "134f2428-cec1-4b25-a1ae-9048164dba47";

    private readonly World _world = new();
    private readonly IKmsKeys _keys;
    private readonly KmsClient _api;

    public DataKeyTests()
    {
        IServiceProvider instance = _world.NewInstance();
        _keys = instance.GetRequiredService<IKmsKeys>();
        _api = new KmsClient(_world, instance);
    }

    [Fact]
    public async Task A_data_key_comes_back_as_it_was_by_any_name_of_its_key()
    {
        string id = await _api.CreateKeyAsync();
        await _api.AnswerAsync("CreateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = id });
        string arn = ArnOf(id);
        foreach (string name in new[] { id, arn, "alias/mine", $"arn:aws:kms:{World.Region}:{World.Account}:alias/mine" })
        {
            using WrappedDataKey made = await _keys.GenerateDataKeyAsync(name, World.Context, World.ViaS3, default);
            Assert.Equal(arn, made.KeyArn);
            using SecretKey opened = await _keys.DecryptDataKeyAsync(made.Wrapped, World.Context, World.ViaS3, default);
            Assert.Equal(made.Plaintext.Bytes, opened.Bytes);
        }
    }

    [Fact]
    public async Task A_data_key_that_exists_is_wrapped_like_one_that_is_made()
    {
        string id = await _api.CreateKeyAsync();
        using SecretKey data = SecretKey.Generate();
        (string arn, byte[] wrapped) = await _keys.EncryptDataKeyAsync(id, data, World.Context, World.ViaS3, default);
        Assert.Equal(ArnOf(id), arn);
        AuditEvent use = _world.Trail.Last;
        Assert.Equal(("Encrypt", null, ArnOf(id)), (use.EventName, use.ErrorCode, use.Resources[0].Arn));
        Assert.DoesNotContain(Convert.ToBase64String(data.Bytes), use.ToString(), StringComparison.Ordinal);
        using SecretKey opened = await _keys.DecryptDataKeyAsync(wrapped, World.Context, World.ViaS3, default);
        Assert.Equal(data.Bytes, opened.Bytes);

        await _api.AnswerAsync("DisableKey", new() { ["KeyId"] = id });
        KmsException refused = await Assert.ThrowsAsync<KmsException>(async () => await _keys.EncryptDataKeyAsync(id, data, World.Context, World.ViaS3, default));
        Assert.Equal("DisabledException", refused.Error.Code);
        Assert.Equal(("Encrypt", "DisabledException"), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode));
        await _api.AnswerAsync("EnableKey", new() { ["KeyId"] = id });
        _world.Trail.IsUnavailable = true;
        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await _keys.EncryptDataKeyAsync(id, data, World.Context, World.ViaS3, default));
    }

    [Fact]
    public async Task No_name_means_the_managed_key_which_is_made_on_first_use_once_for_a_Region()
    {
        IKmsKeys other = _world.NewInstance().GetRequiredService<IKmsKeys>();
        WrappedDataKey[] made = await Task.WhenAll(Enumerable.Range(0, 16).Select(i =>
            Task.Run(async () => await (i % 2 == 0 ? _keys : other).GenerateDataKeyAsync(null, World.Context, World.ViaS3, default))));
        string arn = Assert.Single(made.Select(key => key.KeyArn).Distinct());
        Assert.Single((await _api.AnswerAsync("ListKeys"))!["Keys"]!.AsArray());

        JsonNode key = (await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = "alias/aws/s3" }))!["KeyMetadata"]!;
        Assert.Equal((arn, "AWS", "Default key that protects my S3 objects when no other key is defined"),
            ((string)key["Arn"]!, (string)key["KeyManager"]!, (string)key["Description"]!));
        using WrappedDataKey elsewhere = await _keys.GenerateDataKeyAsync("alias/aws/s3", World.Context, World.ViaS3 with { Region = "us-east-1" }, default);
        Assert.StartsWith($"arn:aws:kms:us-east-1:{World.Account}:key/", elsewhere.KeyArn, StringComparison.Ordinal);
        Assert.All(_world.Trail.Named("CreateKey"), e => Assert.Equal("AwsServiceEvent", e.EventType));
    }

    [Fact]
    public async Task A_name_is_resolved_without_a_key_made_or_anything_on_the_trail()
    {
        string id = await _api.CreateKeyAsync();
        await _api.AnswerAsync("CreateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = id });
        int recorded = _world.Trail.Events.Count;
        foreach (string name in new[] { id, ArnOf(id), "alias/mine", $"arn:aws:kms:{World.Region}:{World.Account}:alias/mine" })
        {
            Assert.Equal(ArnOf(id), await _keys.ResolveAsync(name, World.Region, default));
            Assert.Null(await _keys.ResolveAsync(name, "us-east-1", default));
        }

        foreach (string? name in new[] { "fake-key-id", Absent, ArnOf(Absent), "alias/none", "alias/aws/s3", null })
        {
            Assert.Null(await _keys.ResolveAsync(name, World.Region, default));
        }

        Assert.Equal(recorded, _world.Trail.Events.Count);
        using WrappedDataKey managed = await _keys.GenerateDataKeyAsync(null, World.Context, World.ViaS3, default);
        Assert.Equal(managed.KeyArn, await _keys.ResolveAsync(null, World.Region, default));
    }

    [Theory]
    [InlineData("fake-key-id", "Invalid keyId 'fake-key-id'")]
    [InlineData(Absent, "Key 'arn:aws:kms:eu-central-1:111111111111:key/" + Absent + "' does not exist")]
    [InlineData("arn:aws:kms:eu-central-1:111111111111:key/" + Absent, "Key 'arn:aws:kms:eu-central-1:111111111111:key/" + Absent + "' does not exist")]
    [InlineData("arn:aws:kms:us-east-1:111111111111:key/" + Absent, "Invalid arn us-east-1")]
    [InlineData("alias/none", "Alias arn:aws:kms:eu-central-1:111111111111:alias/none is not found.")]
    public async Task A_key_that_is_not_here_is_not_found(string keyId, string message)
    {
        KmsError error = await RefusalAsync(() => _keys.GenerateDataKeyAsync(keyId, World.Context, World.ViaS3, default));
        Assert.Equal(("NotFoundException", message), (error.Code, error.Message));
        Assert.Equal(("GenerateDataKey", "NotFoundException", message), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode, _world.Trail.Last.ErrorMessage));
    }

    [Fact]
    public async Task A_disabled_key_neither_wraps_nor_opens_until_it_is_enabled_and_pending_deletion_says_so()
    {
        string id = await _api.CreateKeyAsync();
        using WrappedDataKey made = await _keys.GenerateDataKeyAsync(id, World.Context, World.ViaS3, default);
        await _api.AnswerAsync("DisableKey", new() { ["KeyId"] = id });
        await ExpectAsync(new("DisabledException", $"{ArnOf(id)} is disabled."));
        await _api.AnswerAsync("ScheduleKeyDeletion", new() { ["KeyId"] = id });
        await ExpectAsync(new("KMSInvalidStateException", $"{ArnOf(id)} is pending deletion."));
        await _api.AnswerAsync("CancelKeyDeletion", new() { ["KeyId"] = id });
        await ExpectAsync(new("DisabledException", $"{ArnOf(id)} is disabled."));
        await _api.AnswerAsync("EnableKey", new() { ["KeyId"] = id });
        (await _keys.DecryptDataKeyAsync(made.Wrapped, World.Context, World.ViaS3, default)).Dispose();

        async Task ExpectAsync(KmsError error)
        {
            Assert.Equal(error, await RefusalAsync(() => _keys.GenerateDataKeyAsync(id, World.Context, World.ViaS3, default)));
            Assert.Equal(error, await RefusalAsync(() => _keys.DecryptDataKeyAsync(made.Wrapped, World.Context, World.ViaS3, default)));
            Assert.Equal(("Decrypt", error.Code, 1u), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode, (uint?)_world.Trail.Last.AdditionalEventData!["keyVersion"]));
        }
    }

    [Fact]
    public async Task Disabling_counts_at_once_here_and_within_five_seconds_elsewhere()
    {
        string id = await _api.CreateKeyAsync();
        IKmsKeys other = _world.NewInstance().GetRequiredService<IKmsKeys>();
        (await other.GenerateDataKeyAsync(id, World.Context, World.ViaS3, default)).Dispose();
        _world.Time.Advance(TimeSpan.FromSeconds(1));
        await _api.AnswerAsync("DisableKey", new() { ["KeyId"] = id });
        await RefusalAsync(() => _keys.GenerateDataKeyAsync(id, World.Context, World.ViaS3, default));
        _world.Time.Advance(TimeSpan.FromSeconds(4));
        await RefusalAsync(() => other.GenerateDataKeyAsync(id, World.Context, World.ViaS3, default));
    }

    [Fact]
    public async Task A_warm_use_asks_the_store_nothing_and_records_one_event()
    {
        string id = await _api.CreateKeyAsync();
        await _api.AnswerAsync("CreateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = id });
        using WrappedDataKey made = await _keys.GenerateDataKeyAsync("alias/mine", World.Context, World.ViaS3, default);
        _world.KmsStore.Calls.Clear();
        int before = _world.Trail.Events.Count;
        (await _keys.GenerateDataKeyAsync("alias/mine", World.Context, World.ViaS3, default)).Dispose();
        (await _keys.DecryptDataKeyAsync(made.Wrapped, World.Context, World.ViaS3, default)).Dispose();
        Assert.Empty(_world.KmsStore.Calls);
        Assert.Equal(before + 2, _world.Trail.Events.Count);
    }

    [Fact]
    public async Task A_wrap_that_was_changed_or_moved_does_not_open_and_says_nothing_more()
    {
        string id = await _api.CreateKeyAsync();
        using WrappedDataKey made = await _keys.GenerateDataKeyAsync(id, World.Context, World.ViaS3, default);
        byte[] flipped = [.. made.Wrapped];
        flipped[^1] ^= 1;
        byte[] unknownVersion = KeyWrap.Wrap(made.Plaintext.Bytes, $"{World.Region}/{id}", 7, World.Context, made.Plaintext.Bytes);
        byte[] master = KeyWrap.Wrap(made.Plaintext.Bytes, "master", 1, World.Context, made.Plaintext.Bytes);
        byte[] strange = KeyWrap.Wrap(made.Plaintext.Bytes, $"{World.Region}/../#?", 1, World.Context, made.Plaintext.Bytes);
        (byte[], EncryptionContext)[] bad =
            [(flipped, World.Context), ([], World.Context), (unknownVersion, World.Context), (master, World.Context), (strange, World.Context), (made.Wrapped, EncryptionContext.Empty)];
        foreach ((byte[] blob, EncryptionContext context) in bad)
        {
            Assert.Equal(KmsErrors.InvalidCiphertext, await RefusalAsync(() => _keys.DecryptDataKeyAsync(blob, context, World.ViaS3, default)));
        }
    }

    [Fact]
    public async Task A_wrap_is_rewrapped_under_the_current_version_and_old_ones_still_open()
    {
        string id = await _api.CreateKeyAsync();
        using WrappedDataKey made = await _keys.GenerateDataKeyAsync(id, World.Context, World.ViaS3, default);
        Assert.Null(await _keys.RewrapAsync(made.Wrapped, World.Context, World.Region, default));
        await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
        byte[] rewrapped = (await _keys.RewrapAsync(made.Wrapped, World.Context, World.Region, default))!;
        Assert.Equal(("ReEncrypt", "AwsServiceEvent"), (_world.Trail.Last.EventName, _world.Trail.Last.EventType));
        Assert.Null(await _keys.RewrapAsync(rewrapped, World.Context, World.Region, default));
        foreach (byte[] wrapped in new[] { made.Wrapped, rewrapped })
        {
            using SecretKey opened = await _keys.DecryptDataKeyAsync(wrapped, World.Context, World.ViaS3, default);
            Assert.Equal(made.Plaintext.Bytes, opened.Bytes);
        }

        Assert.True(KeyWrap.TryReadHeader(rewrapped, out WrapHeader header));
        Assert.Equal(2u, header.KeyVersion);
    }

    [Fact]
    public async Task A_wrap_under_a_disabled_key_is_not_rewrapped()
    {
        string id = await _api.CreateKeyAsync();
        using WrappedDataKey made = await _keys.GenerateDataKeyAsync(id, World.Context, World.ViaS3, default);
        await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
        await _api.AnswerAsync("DisableKey", new() { ["KeyId"] = id });
        KmsException refused = await Assert.ThrowsAsync<KmsException>(async () => await _keys.RewrapAsync(made.Wrapped, World.Context, World.Region, default));
        Assert.Equal("DisabledException", refused.Error.Code);
        Assert.Equal(("ReEncrypt", "DisabledException"), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode));
    }

    [Fact]
    public async Task Whoever_is_not_the_root_principal_is_refused()
    {
        string id = await _api.CreateKeyAsync();
        KmsError error = await RefusalAsync(() => _keys.GenerateDataKeyAsync(id, World.Context, World.ViaS3 with { Caller = World.User }, default));
        Assert.Equal(
            new("AccessDeniedException", $"User: {World.User.Principal.Arn} is not authorized to perform: kms:GenerateDataKey on resource: {ArnOf(id)} because no identity-based policy allows the kms:GenerateDataKey action"),
            error);
        Caller nobody = World.Root with { Principal = Principal.Anonymous };
        Assert.Equal("AccessDeniedException", (await RefusalAsync(() => _keys.GenerateDataKeyAsync(null, World.Context, World.ViaS3 with { Caller = nobody }, default))).Code);
        Assert.Equal(("GenerateDataKey", "AccessDeniedException"), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode));
    }

    [Fact]
    public async Task A_use_is_recorded_in_CloudTrails_terms()
    {
        string id = await _api.CreateKeyAsync();
        string material = (string)(await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = id }))!["KeyMetadata"]!["CurrentKeyMaterialId"]!;
        using WrappedDataKey made = await _keys.GenerateDataKeyAsync(id, World.Context, World.ViaS3 with { BucketKey = true }, default);
        AuditEvent use = _world.Trail.Last;
        Assert.Equal(("kms.amazonaws.com", "GenerateDataKey", "AwsApiCall", World.Region, true), (use.EventSource, use.EventName, use.EventType, use.Region, use.ReadOnly));
        Assert.Equal((World.Root, "s3.amazonaws.com"), (use.Caller, use.InvokedBy));
        Assert.Equal([new("AWS::KMS::Key", ArnOf(id)), new("AWS::S3::Object", "arn:aws:s3:::bucket/key")], use.Resources);
        Assert.Equal(
            $$$"""{"keyId":"{{{id}}}","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::bucket/key"},"keySpec":"AES_256"}""", use.RequestParameters!.ToJsonString());
        Assert.Equal(
            $$"""{"keyMaterialId":"{{material}}","keyVersion":1,"viaService":"s3.{{World.Region}}.amazonaws.com","bucketKey":true}""", use.AdditionalEventData!.ToJsonString());
    }

    [Fact]
    public async Task Without_the_trail_no_key_is_given()
    {
        string id = await _api.CreateKeyAsync();
        using WrappedDataKey made = await _keys.GenerateDataKeyAsync(id, World.Context, World.ViaS3, default);
        _world.Trail.IsUnavailable = true;
        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await _keys.GenerateDataKeyAsync(id, World.Context, World.ViaS3, default));
        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await _keys.DecryptDataKeyAsync(made.Wrapped, World.Context, World.ViaS3, default));
    }

    public void Dispose() => _world.Dispose();

    private static string ArnOf(string id) => KmsKey.ArnOf(World.Region, World.Account, id);

    private static async Task<KmsError> RefusalAsync<T>(Func<ValueTask<T>> call) => (await Assert.ThrowsAsync<KmsException>(async () => await call())).Error;
}
