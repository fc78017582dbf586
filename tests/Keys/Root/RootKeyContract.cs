using Serverless.Encryption;

namespace Serverless.Keys.Tests;

/// <summary>What every provider of a root key must do.</summary>
public abstract class RootKeyContract
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly EncryptionContext Context = EncryptionContext.Empty.With("purpose", "test").With("key", "1");

    /// <summary>Opens the root key of this test as another instance of the service would.</summary>
    protected abstract IRootKey Open();

    /// <summary>Another root key of the same provider.</summary>
    protected abstract IRootKey OpenAnother();

    [Theory]
    [InlineData(SecretKey.MinSize)]
    [InlineData(SecretKey.Size)]
    [InlineData(48)]
    [InlineData(SecretKey.MaxSize)]
    public async Task What_one_instance_wraps_every_instance_opens(int size)
    {
        using SecretKey key = SecretKey.Generate(size);
        byte[] wrapped = await Open().WrapAsync(key, Context, None);
        using SecretKey? opened = await Open().UnwrapAsync(wrapped, Context, None);
        Assert.NotNull(opened);
        Assert.Equal(key.Bytes, opened.Bytes);
    }

    [Fact]
    public async Task Two_wraps_of_the_same_never_look_alike_and_hold_nothing_of_it()
    {
        IRootKey root = Open();
        using SecretKey key = SecretKey.Generate();
        byte[] first = await root.WrapAsync(key, Context, None);
        byte[] second = await root.WrapAsync(key, Context, None);
        Assert.NotEqual(first, second);
        Assert.Equal(-1, first.AsSpan().IndexOf(key.Bytes[..8]));
    }

    [Fact]
    public async Task A_wrap_opens_in_its_own_context_only()
    {
        IRootKey root = Open();
        using SecretKey key = SecretKey.Generate();
        byte[] wrapped = await root.WrapAsync(key, Context, None);
        Assert.Null(await root.UnwrapAsync(wrapped, Context.With("more", ""), None));
        Assert.Null(await root.UnwrapAsync(wrapped, EncryptionContext.Empty.With("purpose", "test").With("key", "2"), None));
    }

    [Fact]
    public async Task A_wrap_of_which_a_bit_was_changed_or_a_byte_cut_off_does_not_open()
    {
        using SecretKey key = SecretKey.Generate();
        IRootKey root = Open();
        byte[] wrapped = await root.WrapAsync(key, Context, None);
        for (int i = 0; i < wrapped.Length; i += 3)
        {
            byte[] changed = [.. wrapped];
            changed[i] ^= 1;
            Assert.Null(await TryUnwrapAsync(root, changed));
            Assert.Null(await root.UnwrapAsync(wrapped.AsMemory(0, i), Context, None));
        }

        Assert.Null(await root.UnwrapAsync((byte[])[.. wrapped, 0], Context, None));
    }

    [Fact]
    public async Task Another_root_key_opens_nothing_of_this_one()
    {
        using SecretKey key = SecretKey.Generate();
        byte[] wrapped = await Open().WrapAsync(key, Context, None);
        Assert.Null(await TryUnwrapAsync(OpenAnother(), wrapped));
    }

    [Fact]
    public async Task What_is_under_the_newest_version_is_not_wrapped_anew()
    {
        using SecretKey key = SecretKey.Generate();
        byte[] wrapped = await Open().WrapAsync(key, Context, None);
        Assert.Null(await Open().RewrapAsync(wrapped, Context, None));
    }

    // A version that the vault does not know is told as such: somebody may have deleted it.
    private static async Task<SecretKey?> TryUnwrapAsync(IRootKey root, byte[] wrapped)
    {
        try
        {
            return await root.UnwrapAsync(wrapped, Context, None);
        }
        catch (RootKeyUnavailableException e)
        {
            Assert.Contains("does not exist", e.Message, StringComparison.Ordinal);
            return null;
        }
    }
}

public sealed class LocalRootKeyContractTests : RootKeyContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override IRootKey Open() => Open("root.key");

    protected override IRootKey OpenAnother() => Open("another.key");

    private LocalRootKey Open(string name)
    {
        string file = Path.Combine(_folder.Path, name);
        if (!File.Exists(file))
        {
            RootKeyFiles.Create(file);
        }

        return LocalRootKey.Open(file);
    }
}

public sealed class RsaVaultRootKeyContractTests : RootKeyContract, IDisposable
{
    private readonly FakeVault _vault = new();
    private readonly FakeVault _another = new();

    public void Dispose()
    {
        _vault.Dispose();
        _another.Dispose();
    }

    protected override IRootKey Open() => new KeyVaultRootKey(_vault.Open(), TimeProvider.System);

    protected override IRootKey OpenAnother() => new KeyVaultRootKey(_another.Open(), TimeProvider.System);
}

public sealed class AesVaultRootKeyContractTests : RootKeyContract, IDisposable
{
    private readonly FakeVault _vault = new();
    private readonly FakeVault _another = new();

    public void Dispose()
    {
        _vault.Dispose();
        _another.Dispose();
    }

    protected override IRootKey Open() => new KeyVaultRootKey(_vault.Open(RootKeyAlgorithm.Aes), TimeProvider.System);

    protected override IRootKey OpenAnother() => new KeyVaultRootKey(_another.Open(RootKeyAlgorithm.Aes), TimeProvider.System);
}
