namespace Serverless.Deployment.Tests.Worker;

/// <summary>The deployable folder, published once for all tests.</summary>
public sealed class PublishedApp : IAsyncLifetime
{
    private readonly DirectoryInfo _work = Directory.CreateTempSubdirectory("serverless-publish-");

    public string Folder => Path.Combine(_work.FullName, "app");

    public Task InitializeAsync() => Publication.PublishAsync(Path.Combine(_work.FullName, "build"), Folder);

    public Task DisposeAsync()
    {
        _work.Delete(recursive: true);
        return Task.CompletedTask;
    }
}
