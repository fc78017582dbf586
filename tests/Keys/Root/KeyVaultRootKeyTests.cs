using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

public sealed class KeyVaultRootKeyTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly EncryptionContext Context = EncryptionContext.Empty.With("purpose", "test");

    private readonly FakeVault _vault = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => _vault.Dispose();

    [Fact]
    public async Task The_vault_is_asked_once_an_hour_whatever_the_number_of_keys()
    {
        var writer = NewInstance();
        List<byte[]> wrapped = [];
        for (int i = 0; i < 20; i++)
        {
            wrapped.Add(await WrapAsync(writer));
        }

        Assert.Equal(["wrapkey", "sign"], _vault.Calls);
        var reader = NewInstance();
        foreach (byte[] wrap in wrapped)
        {
            Assert.NotNull(await reader.UnwrapAsync(wrap, Context, None));
        }

        Assert.Equal(["wrapkey", "sign", "verify", "unwrapkey"], _vault.Calls);
        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.NotNull(await reader.UnwrapAsync(wrapped[0], Context, None));
        await WrapAsync(writer);
        Assert.Equal(["wrapkey", "sign", "verify", "unwrapkey", "verify", "unwrapkey", "wrapkey", "sign"], _vault.Calls);
    }

    [Fact]
    public async Task A_new_version_in_the_vault_wraps_within_an_hour_and_the_old_one_still_opens()
    {
        var root = NewInstance();
        byte[] before = await WrapAsync(root);
        string old = _vault.NewestVersion;
        _vault.Rotate();
        _time.Advance(TimeSpan.FromMinutes(61));
        byte[] after = await WrapAsync(root);
        Assert.NotNull(await root.UnwrapAsync(before, Context, None));

        _vault.Disabled.Add(old);
        var other = NewInstance();
        Assert.NotNull(await other.UnwrapAsync(after, Context, None));
        var failure = await Assert.ThrowsAsync<RootKeyUnavailableException>(async () => await other.UnwrapAsync(before, Context, None));
        Assert.Equal($"The root key {FakeVault.KeyUri}/{old} is disabled.", failure.Message);
    }

    [Fact]
    public async Task A_pinned_version_wraps_though_there_is_a_newer_one()
    {
        string pinned = _vault.NewestVersion;
        _vault.Rotate();
        var root = new KeyVaultRootKey(_vault.Open(version: pinned), _time);
        byte[] wrapped = await WrapAsync(root);
        _vault.Disabled.Add(_vault.NewestVersion);
        Assert.NotNull(await NewInstance().UnwrapAsync(wrapped, Context, None));

        _vault.Disabled.Clear();
        byte[]? anew = await NewInstance().RewrapAsync(wrapped, Context, None);
        Assert.NotNull(anew);
        Assert.NotNull(await root.RewrapAsync(anew, Context, None));
        Assert.Null(await root.RewrapAsync(wrapped, Context, None));
    }

    /// <summary>Who knows the public half of an RSA key and writes the tables could put a key of their own in the place of a master key.</summary>
    [Fact]
    public async Task What_anybody_could_have_wrapped_with_the_public_key_does_not_open()
    {
        using SecretKey forged = SecretKey.Generate();
        byte[] between = RandomNumberGenerator.GetBytes(32);
        byte[] wrappedBetween = _vault.WrapInPublic(between);
        foreach (int signatureSize in (int[])[0, 256])
        {
            byte[] signature = RandomNumberGenerator.GetBytes(signatureSize);
            int size = 2 + signatureSize + wrappedBetween.Length;
            byte[] wrapped =
            [
                2, 32, .. System.Text.Encoding.ASCII.GetBytes(_vault.NewestVersion), (byte)(size >> 8), (byte)size, (byte)(signatureSize >> 8), (byte)signatureSize, .. signature,
                .. wrappedBetween, .. KeyWrap.Wrap(between, "root", 2, Context, forged.Bytes),
            ];
            Assert.Null(await NewInstance().UnwrapAsync(wrapped, Context, None));
        }

        Assert.DoesNotContain("unwrapkey", _vault.Calls);
    }

    [Fact]
    public async Task A_version_that_is_a_path_is_never_asked_for()
    {
        byte[] wrapped = await WrapAsync(NewInstance());
        "../../../keys/other/00000000000"u8.CopyTo(wrapped.AsSpan(2));
        _vault.Calls.Clear();
        Assert.Null(await NewInstance().UnwrapAsync(wrapped, Context, None));
        Assert.Empty(_vault.Calls);
    }

    public static TheoryData<HttpStatusCode, string, string?, string> Refusals => new()
    {
        { HttpStatusCode.Forbidden, "Forbidden", "ForbiddenByRbac", "does not let the app use the root key" },
        { HttpStatusCode.Forbidden, "Forbidden", "ForbiddenByFirewall", "from the app's network" },
        { HttpStatusCode.Unauthorized, "Unauthorized", null, "does not let the app use the root key" },
        { HttpStatusCode.NotFound, "KeyNotFound", null, "does not exist" },
        { HttpStatusCode.TooManyRequests, "Throttled", null, "asked too often" },
        { HttpStatusCode.InternalServerError, "InternalError", null, "has failed with status 500" },
        { HttpStatusCode.BadRequest, "BadParameter", null, "its type or its operations do not fit" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_is_told_as_what_it_is(HttpStatusCode status, string code, string? inner, string expected)
    {
        _vault.Failing = () => FakeVault.Refuse(status, code, inner);
        var failure = await Assert.ThrowsAsync<RootKeyUnavailableException>(() => WrapAsync(NewInstance()));
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Contains("vault.azure.net", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vault_that_does_not_answer_is_told_as_such_and_one_that_was_busy_is_asked_again()
    {
        _vault.Failing = () => throw new HttpRequestException("Connection refused");
        var failure = await Assert.ThrowsAsync<RootKeyUnavailableException>(() => WrapAsync(NewInstance()));
        Assert.Contains("does not answer", failure.Message, StringComparison.Ordinal);

        int left = 2;
        _vault.Failing = () =>
        {
            if (--left == 0)
            {
                _vault.Failing = null;
            }

            return FakeVault.Refuse(HttpStatusCode.TooManyRequests, "Throttled");
        };
        await WrapAsync(NewInstance());
    }

    [Fact]
    public async Task What_does_not_answer_as_a_vault_opens_nothing()
    {
        foreach (string answer in (string[])["", "[]", "{}", """{"kid":"https://vault.vault.azure.net/keys/root-key/1","value":"*"}""", """{"kid":7,"value":"AA"}"""])
        {
            _vault.Failing = () => new(HttpStatusCode.OK) { Content = new StringContent(answer) };
            await Assert.ThrowsAsync<RootKeyUnavailableException>(() => WrapAsync(NewInstance()));
        }
    }

    [Theory]
    [InlineData("https://v.vault.azure.net/keys/k", true)]
    [InlineData("https://v.vault.azure.net/keys/k/0123456789abcdef", true)]
    [InlineData("https://h.managedhsm.azure.net/keys/root-key", true)]
    [InlineData("http://v.vault.azure.net/keys/k", false)]
    [InlineData("https://v.vault.azure.net/secrets/k", false)]
    [InlineData("https://v.vault.azure.net/keys", false)]
    [InlineData("https://v.vault.azure.net/keys/k/v/more", false)]
    [InlineData("https://v.vault.azure.net/keys/k?x=y", false)]
    [InlineData("https://localhost/keys/k", false)]
    [InlineData("root-key", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void An_identifier_is_a_keys_over_https(string? text, bool isKey) => Assert.Equal(isKey, VaultKeyId.TryParse(text, out _));

    private KeyVaultRootKey NewInstance() => new(_vault.Open(), _time);

    private static async Task<byte[]> WrapAsync(KeyVaultRootKey root)
    {
        using SecretKey key = SecretKey.Generate();
        return await root.WrapAsync(key, Context, None);
    }
}
