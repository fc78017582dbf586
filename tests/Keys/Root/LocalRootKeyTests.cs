using System.Runtime.Versioning;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

public sealed class LocalRootKeyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => Path.Combine(_folder.Path, "root.key");

    [Fact]
    public async Task A_root_key_opens_what_it_wrapped_and_only_under_the_same_context()
    {
        RootKeyFiles.Create(FilePath);
        using SecretKey key = SecretKey.Generate();
        byte[] wrapped;
        using (var root = LocalRootKey.Open(FilePath))
        {
            wrapped = await root.WrapAsync(key, World.Context, default);
        }

        using var again = LocalRootKey.Open(FilePath);
        using SecretKey? opened = await again.UnwrapAsync(wrapped, World.Context, default);
        Assert.Equal(key.Bytes, opened!.Bytes);
        Assert.Null(await again.UnwrapAsync(wrapped, EncryptionContext.Empty, default));
    }

    [Theory]
    [InlineData(28)]
    [InlineData(64)]
    public async Task Keys_of_every_size_are_wrapped(int size)
    {
        RootKeyFiles.Create(FilePath);
        using SecretKey key = SecretKey.Generate(size);
        using var root = LocalRootKey.Open(FilePath);
        using SecretKey? opened = await root.UnwrapAsync(await root.WrapAsync(key, World.Context, default), World.Context, default);
        Assert.Equal(key.Bytes, opened!.Bytes);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 2, 3 })]
    public async Task What_is_no_wrapped_key_does_not_open(byte[] wrapped)
    {
        RootKeyFiles.Create(FilePath);
        using var root = LocalRootKey.Open(FilePath);
        Assert.Null(await root.UnwrapAsync(wrapped, World.Context, default));
    }

    [UnsupportedOSPlatform("windows")]
    [SkippableTheory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_file_that_others_may_read_or_write_is_refused(UnixFileMode open)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no Unix file modes.");
        RootKeyFiles.Create(FilePath);
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | open);
        Assert.Equal(
            $"The root key file {FilePath} is open to other users; make it readable by its owner only (chmod 600).",
            Assert.Throws<InvalidOperationException>(() => LocalRootKey.Open(FilePath)).Message);
    }

    [UnsupportedOSPlatform("windows")]
    [SkippableFact]
    public void A_file_that_its_owner_may_only_read_is_taken()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no Unix file modes.");
        RootKeyFiles.Create(FilePath);
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead);
        using var root = LocalRootKey.Open(FilePath);
        Assert.Equal(FilePath, root.Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64 at all, but as long as one!!!!!!!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nAAAA")]
    [InlineData(" AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void A_file_without_exactly_32_bytes_in_base64_is_refused_without_showing_them(string content)
    {
        Write(content);
        string message = Assert.Throws<InvalidOperationException>(() => LocalRootKey.Open(FilePath)).Message;
        Assert.Equal($"The root key file {FilePath} must hold exactly 32 bytes in base64.", message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void A_line_end_behind_the_key_is_of_no_matter(string end)
    {
        Write("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" + end);
        using var root = LocalRootKey.Open(FilePath);
    }

    [Fact]
    public void A_missing_file_and_a_missing_setting_are_named()
    {
        Assert.Equal($"The root key file {FilePath} does not exist.", Assert.Throws<InvalidOperationException>(() => LocalRootKey.Open(FilePath)).Message);
        Assert.Contains("RootKey__File", Assert.Throws<InvalidOperationException>(() => LocalRootKey.Open(null)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string content)
    {
        RootKeyFiles.Create(FilePath);
        File.WriteAllText(FilePath, content);
    }
}
