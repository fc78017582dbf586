using Microsoft.Extensions.Configuration;
using Serverless.LocalHost.Settings;

namespace Serverless.LocalHost.Tests.Settings;

public sealed class LocalSettingsTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void The_environment_wins_over_local_settings_json_which_wins_over_the_defaults()
    {
        const string name = "LocalSettingsTests__Setting";
        Write($$"""{ "Values": { "{{name}}": "from the file", "LocalSettingsTests__Other": "from the file", "Uploads__ReclaimSchedule": "from the file" } }""");
        Environment.SetEnvironmentVariable(name, "from the environment");
        try
        {
            var settings = Read();

            Assert.Equal("from the environment", settings["LocalSettingsTests:Setting"]);
            Assert.Equal("from the file", settings["LocalSettingsTests:Other"]);
            Assert.Equal("from the file", settings["Uploads:ReclaimSchedule"]);
            Assert.Equal("0 30 * * * *", settings["Rotation:RewrapSchedule"]);
            Assert.Equal("0 45 4 * * *", settings["Rotation:RootKeySchedule"]);
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    [Fact]
    public void Without_any_settings_storage_is_the_emulator_and_every_schedule_has_a_value()
    {
        var settings = Read();

        Assert.Equal("UseDevelopmentStorage=true", settings["AzureWebJobsStorage"]);
        Assert.Equal("0 0 * * * *", settings.Expand("%Rotation__MasterKeySchedule%", "F"));
        Assert.Equal("0 30 * * * *", settings.Expand("%Rotation:RewrapSchedule%", "F"));
        Assert.Equal("0 45 4 * * *", settings.Expand("%Rotation__RootKeySchedule%", "F"));
        Assert.Equal("0 15 3 * * *", settings.Expand("%Uploads__ReclaimSchedule%", "F"));
        Assert.Equal("0 */10 * * * *", settings.Expand("%Keys__Schedule%", "F"));
        Assert.Equal("0 12 * * * *", settings.Expand("%Audit__DigestSchedule%", "F"));
    }

    [Fact]
    public void Comments_trailing_commas_numbers_and_booleans_are_allowed_in_local_settings_json()
    {
        Write("""
            {
              // A comment
              "Values": { "LocalSettingsTests__Days": 90, "LocalSettingsTests__On": true, /* and another */ },
            }
            """);
        var settings = Read();

        Assert.Equal("90", settings["LocalSettingsTests:Days"]);
        Assert.True(settings.GetValue<bool>("LocalSettingsTests:On"));
    }

    [Theory]
    [InlineData("{ not JSON")]
    [InlineData("[]")]
    [InlineData("""{ "IsEncrypted": true, "Values": {} }""")]
    public void A_file_that_cannot_be_read_is_named(string content)
    {
        Write(content);

        var failure = Assert.Throws<StartupException>(Read);
        Assert.Contains(_root.File("local.settings.json"), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sample_in_the_project_is_read_as_it_stands()
    {
        File.Copy(Path.Combine(ProjectRoot.Find(), "local.settings.sample.json"), _root.File("local.settings.json"));
        var settings = Read();

        Assert.Equal("AKIAEXAMPLEEXAMPLE00", settings["Access:RootAccessKeyId"]);
        Assert.Equal("0 0 * * * *", settings["Rotation:MasterKeySchedule"]);
        Assert.Equal("true", settings["S3:BlockSseCOnNewBuckets"]);
    }

    [Fact]
    public void A_setting_between_percent_signs_is_expanded_and_a_missing_one_is_named_with_its_function()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("A:B", "0 *"), new("C", "x")]).Build();

        Assert.Equal("0 * and x, 5 %", settings.Expand("%A__B% and %C%, 5 %", "F"));
        Assert.Equal("as it is", settings.Expand("as it is", "F"));
        Assert.Equal(
            "Function Rotate needs the setting 'A__Missing', which is not set.",
            Assert.Throws<StartupException>(() => settings.Expand("%A__Missing%", "Rotate")).Message);
    }

    private void Write(string content) => File.WriteAllText(_root.File("local.settings.json"), content);

    private IConfigurationRoot Read()
    {
        var builder = new ConfigurationBuilder();
        LocalSettings.Add(builder, _root.Path);
        return builder.Build();
    }
}
