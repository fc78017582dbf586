using Microsoft.Extensions.Configuration;

namespace Serverless.Storage.Tests;

public sealed class StorageConnectionTests
{
    [Fact]
    public void A_connection_string_wins()
    {
        var connection = Read(("AzureWebJobsStorage", "UseDevelopmentStorage=true"), ("AzureWebJobsStorage:accountName", "account"));

        Assert.Equal("UseDevelopmentStorage=true", connection.ConnectionString);
        Assert.Null(connection.Credential);
    }

    [Fact]
    public void An_accounts_name_is_enough_for_an_identity()
    {
        var connection = Read(("AzureWebJobsStorage:accountName", "account"), ("AzureWebJobsStorage:credential", "managedidentity"), ("AzureWebJobsStorage:clientId", Guid.NewGuid().ToString()));

        Assert.Null(connection.ConnectionString);
        Assert.Equal("https://account.blob.core.windows.net/", connection.BlobService?.ToString());
        Assert.Equal("https://account.queue.core.windows.net/", connection.QueueService?.ToString());
        Assert.Equal("https://account.table.core.windows.net/", connection.TableService?.ToString());
        Assert.IsType<Azure.Identity.ManagedIdentityCredential>(connection.Credential);
        var account = new StorageAccount(connection);
        Assert.Equal("account", account.Blobs.AccountName);
        Assert.Equal("account", account.Queues.AccountName);
        Assert.Equal("account", account.Tables.AccountName);
    }

    [Fact]
    public void Other_addresses_than_the_clouds_own_can_be_said()
    {
        var connection = Read(
            ("AzureWebJobsStorage:blobServiceUri", "https://b.example.test"), ("AzureWebJobsStorage:queueServiceUri", "https://q.example.test"),
            ("AzureWebJobsStorage:tableServiceUri", "https://t.example.test"));

        Assert.Equal("b.example.test", connection.BlobService?.Host);
        Assert.IsType<Azure.Identity.DefaultAzureCredential>(connection.Credential);
    }

    [Theory]
    [InlineData("", "", "", "The setting AzureWebJobsStorage is missing: the connection string of the storage account, or AzureWebJobsStorage__accountName for an identity.")]
    [InlineData("account", "http://b.example.test", "", "The setting AzureWebJobsStorage__blobServiceUri must be an https address: tokens are sent to it.")]
    [InlineData("account", "", "password", "The setting AzureWebJobsStorage__credential must be managedidentity, or absent for whoever the environment says.")]
    public void Settings_that_could_not_be_meant_are_refused_by_their_names(string accountName, string blobService, string credential, string message)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Read(
            ("AzureWebJobsStorage:accountName", accountName), ("AzureWebJobsStorage:blobServiceUri", blobService), ("AzureWebJobsStorage:credential", credential)));

        Assert.Equal(message, failure.Message);
    }

    private static StorageConnection Read(params (string Name, string Value)[] settings) =>
        StorageConnection.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build());
}
