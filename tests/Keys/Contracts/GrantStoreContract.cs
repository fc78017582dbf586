using System.Security.Cryptography;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

/// <summary>What every store of grants must do. A subclass gives an empty store, and the keys beside it, to each test.</summary>
public abstract class GrantStoreContract
{
    private const string Region = "eu-central-1";
    private const string Anna = "arn:aws:iam::111111111111:user/a/anna";
    private const string Bob = "arn:aws:iam::111111111111:user/bob's #?\\ name";
    private static readonly CancellationToken None = CancellationToken.None;

    protected abstract Task<(IKmsKeyStore Keys, IGrantStore Grants)> NewStoresAsync();

    [Fact]
    public async Task A_new_store_has_no_grants()
    {
        (_, IGrantStore grants) = await NewStoresAsync();
        string id = NewId();
        Assert.Null(await grants.ReadGrantAsync(Region, id, new string('0', 64), None));
        Assert.Null(await grants.FindGrantAsync(Region, id, new string('0', 64), None));
        Assert.Empty(await grants.ListGrantsAsync(Region, id, null, null, 10, None));
        Assert.Empty(await grants.ListRetirableGrantsAsync(Region, Anna, null, 10, None));
        await grants.DeleteGrantsAsync(Region, id, None);
    }

    [Fact]
    public async Task A_grant_is_kept_as_it_was_made_and_counted_at_its_key()
    {
        (IKmsKeyStore keys, IGrantStore grants) = await NewStoresAsync();
        KmsKey key = await NewKeyAsync(keys);
        KmsGrant made = NewGrant(key) with
        {
            Name = "a/b:c_d-e",
            Grantee = new(Bob, "AIDAB"),
            Retiring = new(Anna, "AIDAA"),
            Operations = ["Decrypt", "ReEncryptFrom"],
            Constraint = new(
                GrantConstraintType.EncryptionContextEquals,
                EncryptionContext.Of(Enumerable.Range(0, 8).Select(i => KeyValuePair.Create($"{i}".PadRight(384, '語'), "'\" \n".PadRight(384, '語'))))),
            Fingerprint = new string('f', 64),
        };
        Assert.True(await grants.TryCreateGrantAsync(key, made, None));
        AssertSame(made, await grants.ReadGrantAsync(Region, key.Id, made.Id, None));
        AssertSame(made, Assert.Single(await grants.ListGrantsAsync(Region, key.Id, null, null, 10, None)));
        AssertSame(made, Assert.Single(await grants.ListRetirableGrantsAsync(Region, Anna, null, 10, None)));
        Assert.Equal(made.Id, await grants.FindGrantAsync(Region, key.Id, made.Fingerprint, None));
        KmsKey counted = (await keys.ReadKeyAsync(Region, key.Id, None))!;
        Assert.Equal(1, counted.GrantCount);
        Assert.NotEqual(key.ETag, counted.ETag);
        Assert.Equal(key with { ETag = "", GrantCount = 1, Tags = counted.Tags }, counted with { ETag = "" });

        KmsGrant plain = NewGrant(counted);
        Assert.True(await grants.TryCreateGrantAsync(counted, plain, None));
        AssertSame(plain, await grants.ReadGrantAsync(Region, key.Id, plain.Id, None));
    }

    [Fact]
    public async Task A_grant_is_made_only_for_the_key_as_it_was_seen()
    {
        (IKmsKeyStore keys, IGrantStore grants) = await NewStoresAsync();
        KmsKey seen = await NewKeyAsync(keys);
        Assert.True(await keys.TryReplaceKeyAsync(seen with { State = KeyState.Disabled }, null, None));
        KmsGrant grant = NewGrant(seen) with { Retiring = new(Anna, "AIDAA"), Fingerprint = new string('f', 64) };
        Assert.False(await grants.TryCreateGrantAsync(seen, grant, None));
        Assert.False(await grants.TryCreateGrantAsync(seen with { Id = NewId() }, grant, None));
        Assert.Null(await grants.ReadGrantAsync(Region, seen.Id, grant.Id, None));
        Assert.Empty(await grants.ListRetirableGrantsAsync(Region, Anna, null, 10, None));
        Assert.Null(await grants.FindGrantAsync(Region, seen.Id, grant.Fingerprint, None));
    }

    [Fact]
    public async Task A_key_has_one_grant_of_a_fingerprint_until_that_is_deleted()
    {
        (IKmsKeyStore keys, IGrantStore grants) = await NewStoresAsync();
        KmsKey key = await NewKeyAsync(keys);
        KmsGrant[] same = [.. Enumerable.Range(0, 4).Select(_ => NewGrant(key) with { Fingerprint = new string('f', 64) })];
        bool[] made = await Task.WhenAll(same.Select(grant => grants.TryCreateGrantAsync(key, grant, None).AsTask()));
        Assert.Single(made, won => won);
        key = (await keys.ReadKeyAsync(Region, key.Id, None))!;
        Assert.Equal(1, key.GrantCount);
        Assert.False(await grants.TryCreateGrantAsync(key, same[0] with { Id = NewGrant(key).Id }, None));

        KmsKey other = await NewKeyAsync(keys);
        Assert.True(await grants.TryCreateGrantAsync(other, NewGrant(other) with { Fingerprint = new string('f', 64) }, None));
        Assert.True(await grants.TryDeleteGrantAsync(key, (await grants.ListGrantsAsync(Region, key.Id, null, null, 1, None))[0], None));
        key = (await keys.ReadKeyAsync(Region, key.Id, None))!;
        Assert.True(await grants.TryCreateGrantAsync(key, NewGrant(key) with { Fingerprint = new string('f', 64) }, None));
    }

    [Fact]
    public async Task A_deleted_grant_is_gone_everywhere_and_is_deleted_once()
    {
        (IKmsKeyStore keys, IGrantStore grants) = await NewStoresAsync();
        KmsKey key = await NewKeyAsync(keys);
        KmsGrant grant = NewGrant(key) with { Retiring = new(Anna, "AIDAA"), Fingerprint = new string('f', 64) };
        await grants.TryCreateGrantAsync(key, grant, None);
        Assert.False(await grants.TryDeleteGrantAsync(key, grant, None));
        key = (await keys.ReadKeyAsync(Region, key.Id, None))!;
        Assert.True(await grants.TryDeleteGrantAsync(key, grant, None));
        Assert.Null(await grants.ReadGrantAsync(Region, key.Id, grant.Id, None));
        Assert.Empty(await grants.ListGrantsAsync(Region, key.Id, null, null, 10, None));
        Assert.Empty(await grants.ListRetirableGrantsAsync(Region, Anna, null, 10, None));
        Assert.Null(await grants.FindGrantAsync(Region, key.Id, grant.Fingerprint, None));
        key = (await keys.ReadKeyAsync(Region, key.Id, None))!;
        Assert.Equal(0, key.GrantCount);
        Assert.False(await grants.TryDeleteGrantAsync(key, grant, None));
        Assert.Equal(0, (await keys.ReadKeyAsync(Region, key.Id, None))!.GrantCount);
    }

    [Fact]
    public async Task Grants_are_listed_in_pages_by_key_and_by_grantee()
    {
        (IKmsKeyStore keys, IGrantStore grants) = await NewStoresAsync();
        KmsKey key = await NewKeyAsync(keys);
        var ids = new List<string>();
        for (int i = 0; i < 5; i++)
        {
            KmsGrant grant = NewGrant(key) with { Grantee = new(i % 2 == 0 ? Anna : Bob, "AIDA") };
            ids.Add(grant.Id);
            key = await AddAsync(keys, grants, key, grant);
        }

        KmsKey other = await NewKeyAsync(keys);
        await AddAsync(keys, grants, other, NewGrant(other));
        ids.Sort(StringComparer.Ordinal);
        Assert.Equal(ids[..2], await IdsAsync(null, null, 2));
        Assert.Equal(ids[2..4], await IdsAsync(null, ids[1], 2));
        Assert.Equal(ids[4..], await IdsAsync(null, ids[3], 2));
        Assert.Equal(3, (await IdsAsync(Anna, null, 10)).Length);
        Assert.Equal(2, (await IdsAsync(Bob, null, 10)).Length);
        Assert.Single(await IdsAsync(Bob, (await IdsAsync(Bob, null, 1))[0], 10));
        Assert.Empty(await IdsAsync("' or RowKey ne '", null, 10));
        Assert.Empty(await grants.ListGrantsAsync("us-east-1", key.Id, null, null, 10, None));

        async Task<string[]> IdsAsync(string? grantee, string? after, int limit) =>
            [.. (await grants.ListGrantsAsync(Region, key.Id, grantee, after, limit, None)).Select(grant => grant.Id)];
    }

    [Fact]
    public async Task Grants_are_listed_in_pages_by_retiring_principal_over_all_keys_of_a_Region()
    {
        (IKmsKeyStore keys, IGrantStore grants) = await NewStoresAsync();
        var expected = new List<(string, string)>();
        for (int i = 0; i < 3; i++)
        {
            KmsKey key = await NewKeyAsync(keys);
            foreach (string? retiring in new[] { Anna, Anna, Bob, null })
            {
                KmsGrant grant = NewGrant(key) with { Retiring = retiring is null ? null : new(retiring, "AIDA") };
                key = await AddAsync(keys, grants, key, grant);
                if (retiring == Anna)
                {
                    expected.Add((key.Id, grant.Id));
                }
            }
        }

        expected.Sort((x, y) => string.CompareOrdinal(x.Item1 + x.Item2, y.Item1 + y.Item2));
        var listed = new List<(string, string)>();
        for (IReadOnlyList<KmsGrant> page = await grants.ListRetirableGrantsAsync(Region, Anna, null, 4, None); page.Count > 0;
            page = await grants.ListRetirableGrantsAsync(Region, Anna, listed[^1], 4, None))
        {
            listed.AddRange(page.Select(grant => (grant.KeyId, grant.Id)));
        }

        Assert.Equal(expected, listed);
        Assert.Equal(3, (await grants.ListRetirableGrantsAsync(Region, Bob, null, 10, None)).Count);
        Assert.Empty(await grants.ListRetirableGrantsAsync("us-east-1", Anna, null, 10, None));
    }

    [Fact]
    public async Task All_grants_of_a_key_go_at_once_however_many_there_are()
    {
        (IKmsKeyStore keys, IGrantStore grants) = await NewStoresAsync();
        (KmsKey key, KmsKey other) = (await NewKeyAsync(keys), await NewKeyAsync(keys));
        for (int i = 0; i < 40; i++)
        {
            key = await AddAsync(keys, grants, key, NewGrant(key) with { Retiring = new(Anna, "AIDAA"), Fingerprint = i.ToString("x64") });
        }

        await AddAsync(keys, grants, other, NewGrant(other) with { Retiring = new(Anna, "AIDAA"), Fingerprint = 0.ToString("x64") });
        await grants.DeleteGrantsAsync(Region, key.Id, None);
        Assert.Empty(await grants.ListGrantsAsync(Region, key.Id, null, null, 100, None));
        Assert.Null(await grants.FindGrantAsync(Region, key.Id, 7.ToString("x64"), None));
        Assert.Equal(other.Id, Assert.Single(await grants.ListRetirableGrantsAsync(Region, Anna, null, 100, None)).KeyId);
        Assert.NotNull(await grants.FindGrantAsync(Region, other.Id, 0.ToString("x64"), None));
    }

    private static void AssertSame(KmsGrant expected, KmsGrant? actual)
    {
        Assert.Equal(expected.TokenKey, actual!.TokenKey);
        Assert.Equal(expected.Operations, actual.Operations);
        Assert.Equal(expected with { TokenKey = actual.TokenKey, Operations = actual.Operations }, actual);
    }

    private static string NewId() => Guid.NewGuid().ToString();

    private static KmsGrant NewGrant(KmsKey key) => new()
    {
        Region = key.Region,
        KeyId = key.Id,
        Id = RandomNumberGenerator.GetHexString(64, lowercase: true),
        Grantee = new(Anna, "AIDAA"),
        Operations = ["Decrypt"],
        CreatedAt = new DateTimeOffset(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero),
        TokenKey = RandomNumberGenerator.GetBytes(KmsGrant.TokenKeySize),
    };

    private static async Task<KmsKey> NewKeyAsync(IKmsKeyStore keys)
    {
        var key = new KmsKey
        {
            Region = Region,
            AccountId = "111111111111",
            Id = NewId(),
            Policy = "{}",
            CreatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            CurrentMaterialId = new string('a', 64),
        };
        Assert.True(await keys.TryCreateKeyAsync(key, new(Region, key.Id, 1, key.CurrentMaterialId, RandomNumberGenerator.GetBytes(120), key.CreatedAt), null, None));
        return (await keys.ReadKeyAsync(Region, key.Id, None))!;
    }

    private static async Task<KmsKey> AddAsync(IKmsKeyStore keys, IGrantStore grants, KmsKey key, KmsGrant grant)
    {
        Assert.True(await grants.TryCreateGrantAsync(key, grant, None));
        return (await keys.ReadKeyAsync(Region, key.Id, None))!;
    }
}
