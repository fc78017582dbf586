using Microsoft.Extensions.Configuration;
using Serverless.LocalHost.Settings;

namespace Serverless.LocalHost.Tests.Settings;

public sealed class DevelopmentKeysTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void The_root_key_is_32_bytes_in_base64_made_once_and_readable_by_its_owner_only()
    {
        var file = DevelopmentKeys.RootKeyFile(Settings(), "/root", _data.Path, ephemeral: false)!;
        var content = File.ReadAllText(file);

        Assert.Equal(_data.File("root.key"), file);
        Assert.Equal(32, Convert.FromBase64String(content).Length);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(file, DevelopmentKeys.RootKeyFile(Settings(("RootKey:Provider", "local")), "/root", _data.Path, ephemeral: false));
        Assert.Equal(content, File.ReadAllText(file));
    }

    [Fact]
    public void A_root_key_file_that_the_settings_name_is_taken_from_the_projects_folder_and_never_made()
    {
        var file = DevelopmentKeys.RootKeyFile(Settings(("RootKey:File", "my/root.key")), _data.Path, _data.File("data"), ephemeral: false);

        Assert.Equal(_data.File("my/root.key"), file);
        Assert.Empty(Directory.GetFileSystemEntries(_data.Path));
    }

    [Fact]
    public void A_run_that_keeps_nothing_never_uses_a_root_key_that_is_kept()
    {
        var file = DevelopmentKeys.RootKeyFile(Settings(("RootKey:File", "/kept/root.key")), "/root", _data.Path, ephemeral: true);

        Assert.Equal(_data.File("root.key"), file);
    }

    [Fact]
    public void Another_provider_needs_no_root_key_file()
    {
        Assert.Null(DevelopmentKeys.RootKeyFile(Settings(("RootKey:Provider", "KeyVault")), "/root", _data.Path, ephemeral: false));
        Assert.Empty(Directory.GetFileSystemEntries(_data.Path));
    }

    [Fact]
    public void The_access_key_is_made_once_in_the_form_of_AWS_and_readable_by_its_owner_only()
    {
        var made = DevelopmentKeys.AccessKey(Settings(), _data.Path);

        Assert.Matches("^AKIA[A-Z2-7]{16}$", made.Id);
        Assert.Matches("^[A-Za-z0-9]{40}$", made.Secret);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_data.File("credentials.json")));
        Assert.Equal(made, DevelopmentKeys.AccessKey(Settings(), _data.Path));
    }

    [Fact]
    public void An_access_key_of_the_settings_is_used_without_showing_its_secret()
    {
        var key = DevelopmentKeys.AccessKey(Settings(("Access:RootAccessKeyId", "AKIAMINE"), ("Access:RootSecretAccessKey", "secret")), _data.Path);

        Assert.Equal(new AccessKey("AKIAMINE", null), key);
        Assert.Empty(Directory.GetFileSystemEntries(_data.Path));
    }

    [Theory]
    [InlineData("Access:RootAccessKeyId")]
    [InlineData("Access:RootSecretAccessKey")]
    public void Half_an_access_key_is_refused(string setting)
    {
        Assert.Throws<StartupException>(() => DevelopmentKeys.AccessKey(Settings((setting, "x")), _data.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{ "Id": "AKIA", "Secret": "tops""")]
    public void A_damaged_credentials_file_is_named_and_its_content_is_not(string content)
    {
        File.WriteAllText(_data.File("credentials.json"), content);

        var failure = Assert.Throws<StartupException>(() => DevelopmentKeys.AccessKey(Settings(), _data.Path));
        Assert.Contains("credentials.json", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("tops", failure.ToString(), StringComparison.Ordinal);
    }

    private static IConfiguration Settings(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build();
}
