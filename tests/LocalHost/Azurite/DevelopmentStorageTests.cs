using System.Net;
using System.Net.Sockets;
using Serverless.LocalHost.Azurite;

namespace Serverless.LocalHost.Tests.Azurite;

public sealed class DevelopmentStorageTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task It_is_started_where_it_is_not_running_and_shared_where_it_is()
    {
        var port = ThreeFreePorts();
        await using var first = await DevelopmentStorage.EnsureAsync(_data.Path, port, CancellationToken.None);
        await using var second = await DevelopmentStorage.EnsureAsync(_data.Path, port, CancellationToken.None);

        Assert.Contains($"QueueEndpoint=http://127.0.0.1:{port + 1}/devstoreaccount1;", first!.ConnectionString, StringComparison.Ordinal);
        Assert.Null(second);
    }

    [Fact]
    public async Task Two_that_start_it_at_once_share_one()
    {
        var port = ThreeFreePorts();
        var both = await Task.WhenAll(
            DevelopmentStorage.EnsureAsync(_data.Path, port, CancellationToken.None), DevelopmentStorage.EnsureAsync(_data.Path, port, CancellationToken.None));

        await using var started = Assert.Single(both, azurite => azurite is not null);
    }

    [Fact]
    public async Task Another_program_on_its_port_is_told_in_one_sentence()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var starting = DevelopmentStorage.EnsureAsync(_data.Path, port, CancellationToken.None);
        (await other.AcceptSocketAsync()).Close();

        var failure = await Assert.ThrowsAsync<StartupException>(() => starting);
        Assert.StartsWith($"Port {port} is in use by something other than Azurite.", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Three in a row, below those that the system gives out by itself.</summary>
    private static int ThreeFreePorts()
    {
        while (true)
        {
            var first = Random.Shared.Next(20000, 30000);
            try
            {
                for (var port = first; port < first + 3; port++)
                {
                    using var probe = new TcpListener(IPAddress.Loopback, port);
                    probe.Start();
                }
                return first;
            }
            catch (SocketException)
            {
                // Try others.
            }
        }
    }
}
