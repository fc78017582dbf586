using Serverless.LocalHost.Queues;

namespace Serverless.LocalHost.Tests.Queues;

public sealed class QueueOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void They_are_read_from_host_json_with_its_comments()
    {
        Assert.Equal(
            new QueueOptions { BatchSize = 8, MaxDequeueCount = 2, VisibilityTimeout = TimeSpan.FromSeconds(3), MaxPollingInterval = TimeSpan.FromSeconds(1) },
            Read("""
                {
                  "version": "2.0", // as ever
                  "extensions": { "queues": { "batchSize": 8, "maxDequeueCount": 2, "visibilityTimeout": "00:00:03", "maxPollingInterval": "00:00:01", "messageEncoding": "base64" } }
                }
                """));
    }

    [Fact]
    public void Without_the_section_the_hosts_defaults_hold()
    {
        Assert.Equal(new QueueOptions { BatchSize = 16, MaxDequeueCount = 5 }, Read("""{ "version": "2.0" }"""));
    }

    [Fact]
    public void The_projects_own_host_json_is_read()
    {
        Assert.Equal(TimeSpan.FromSeconds(10), QueueOptions.Read(Path.Combine(ProjectRoot.Find(), "host.json")).VisibilityTimeout);
    }

    [Fact]
    public void A_file_that_is_not_JSON_is_named()
    {
        Assert.Contains("host.json", Assert.Throws<StartupException>(() => Read("{")).Message, StringComparison.Ordinal);
    }

    private QueueOptions Read(string content)
    {
        File.WriteAllText(_folder.File("host.json"), content);
        return QueueOptions.Read(_folder.File("host.json"));
    }
}
