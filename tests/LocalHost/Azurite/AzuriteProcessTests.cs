using System.Diagnostics;
using Azure.Storage.Blobs;
using Serverless.LocalHost.Azurite;

namespace Serverless.LocalHost.Tests.Azurite;

public sealed class AzuriteProcessTests
{
    [Fact]
    public async Task Two_emulators_run_side_by_side_and_know_nothing_of_each_other()
    {
        await using var one = await AzuriteProcess.StartInMemoryAsync(CancellationToken.None);
        await using var two = await AzuriteProcess.StartInMemoryAsync(CancellationToken.None);

        await Blobs(one).CreateBlobContainerAsync("mine");

        Assert.True(await Blobs(one).GetBlobContainerClient("mine").ExistsAsync());
        Assert.False(await Blobs(two).GetBlobContainerClient("mine").ExistsAsync());
    }

    [Fact]
    public async Task Disposing_of_it_ends_the_process_and_keeps_what_is_on_disk()
    {
        var folder = Directory.CreateTempSubdirectory("azurite-test-");
        try
        {
            var options = new AzuriteOptions { DataFolder = folder.FullName };
            Process process;
            await using (var first = await AzuriteProcess.StartAsync(options, CancellationToken.None))
            {
                process = Process.GetProcessById(first.ProcessId);
                await Blobs(first).GetBlobContainerClient("kept").CreateAsync();
                await Blobs(first).GetBlobContainerClient("kept").UploadBlobAsync("blob", BinaryData.FromString("still here"));
            }
            Assert.True(process.HasExited);

            await using var second = await AzuriteProcess.StartAsync(options, CancellationToken.None);
            var content = await Blobs(second).GetBlobContainerClient("kept").GetBlobClient("blob").DownloadContentAsync();
            Assert.Equal("still here", content.Value.Content.ToString());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_in_one_sentence()
    {
        await using var first = await AzuriteProcess.StartInMemoryAsync(CancellationToken.None);
        var port = Blobs(first).Uri.Port;

        var failure = await Assert.ThrowsAsync<StartupException>(
            () => AzuriteProcess.StartAsync(new AzuriteOptions { BlobPort = port }, CancellationToken.None));

        Assert.Contains($"EADDRINUSE: address already in use 127.0.0.1:{port}", failure.Message, StringComparison.Ordinal);
    }

    private static BlobServiceClient Blobs(AzuriteProcess azurite) =>
        new(azurite.ConnectionString, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06));
}
