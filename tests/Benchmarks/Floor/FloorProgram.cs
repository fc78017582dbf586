using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Serverless.LocalHost.Http;
using Serverless.Storage;

namespace Serverless.Benchmarks.Floor;

/// <summary>
/// The least that a service between a client and Blob storage can do and still encrypt: bytes in, MD5, AES-GCM, Put Blob; Get Blob, AES-GCM, bytes out.
/// No names, no metadata, no authentication, no errors. The server, its buffers and the storage client are the service's own.
/// </summary>
internal sealed class FloorProgram(BlobContainerClient container)
{
    public const string Container = "floor";

    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);
    private static readonly BlobUploadOptions OneRequest = new() { TransferOptions = new() { InitialTransferSize = 256 << 20, MaximumConcurrency = 1 } };

    public static Task RunAsync(string[] arguments)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, LargeBlockMemoryPool>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = null;
            // With the usual 64 KiB, reading from the store waits for the client at every block.
            server.Limits.MaxResponseBufferSize = 1 << 20;
            server.Listen(IPAddress.Loopback, int.Parse(arguments[0], CultureInfo.InvariantCulture));
        });
        var account = new StorageAccount(Environment.GetEnvironmentVariable(StorageConnection.Setting)!);
        var floor = new FloorProgram(account.Blobs.GetBlobContainerClient(Container));
        var app = builder.Build();
        app.Run(floor.HandleAsync);
        return app.RunAsync();
    }

    private Task HandleAsync(HttpContext http) => http.Request.Method switch
    {
        "PUT" => PutAsync(http),
        "GET" when http.Request.Path != "/" => GetAsync(http),
        _ => Task.CompletedTask,
    };

    private async Task PutAsync(HttpContext http)
    {
        using var aead = new AesGcm(Key, FloorFormat.TagSize);
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var nonce = RandomNumberGenerator.GetBytes(FloorFormat.NonceSize);
        using var content = new SealedUpload(http.Request.BodyReader, aead, md5, nonce, http.Request.ContentLength!.Value);
        await Blob(http).UploadAsync(content, OneRequest, http.RequestAborted);
        http.Response.ContentLength = 0;
        http.Response.Headers.ETag = $"\"{Convert.ToHexStringLower(md5.GetHashAndReset())}\"";
    }

    private async Task GetAsync(HttpContext http)
    {
        using var opened = (await Blob(http).DownloadStreamingAsync(cancellationToken: http.RequestAborted)).Value;
        using var aead = new AesGcm(Key, FloorFormat.TagSize);
        var nonce = new byte[FloorFormat.NonceSize];
        var buffer = ArrayPool<byte>.Shared.Rent(FloorFormat.BlockSize);
        try
        {
            await opened.Content.ReadExactlyAsync(nonce, http.RequestAborted);
            var left = FloorFormat.PlaintextLength(opened.Details.ContentLength);
            http.Response.ContentLength = left;
            var body = http.Response.BodyWriter;
            while (left > 0)
            {
                var wanted = (int)Math.Min(FloorFormat.BlockSize, FloorFormat.SealedLength(left) - FloorFormat.NonceSize);
                await opened.Content.ReadExactlyAsync(buffer.AsMemory(0, wanted), http.RequestAborted);
                for (var start = 0; start < wanted; start += FloorFormat.SealedChunkSize)
                {
                    var chunk = buffer.AsSpan(start, Math.Min(wanted - start, FloorFormat.SealedChunkSize));
                    var size = chunk.Length - FloorFormat.TagSize;
                    aead.Decrypt(nonce, chunk[..size], chunk[size..], body.GetSpan(size)[..size]);
                    FloorFormat.Next(nonce);
                    body.Advance(size);
                    left -= size;
                }
                await body.FlushAsync(http.RequestAborted);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private BlockBlobClient Blob(HttpContext http) => container.GetBlockBlobClient(http.Request.Path.Value![1..]);
}
