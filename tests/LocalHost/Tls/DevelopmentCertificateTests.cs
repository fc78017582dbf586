using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Serverless.LocalHost.Tls;

namespace Serverless.LocalHost.Tests.Tls;

public sealed class DevelopmentCertificateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_client_that_trusts_nothing_but_ca_pem_accepts_the_certificate(string host)
    {
        using var certificate = DevelopmentCertificate.Ensure(_folder.Path, TimeProvider.System);

        Assert.Equal(SslPolicyErrors.None, await HandshakeAsync(certificate, host));
    }

    [Fact]
    public async Task It_is_for_no_other_host()
    {
        using var certificate = DevelopmentCertificate.Ensure(_folder.Path, TimeProvider.System);

        Assert.Equal(SslPolicyErrors.RemoteCertificateNameMismatch, await HandshakeAsync(certificate, "example.com"));
    }

    [Fact]
    public void The_authority_is_trusted_for_no_name_but_the_machines_own()
    {
        using var ours = DevelopmentCertificate.Ensure(_folder.Path, TimeProvider.System);
        using var authority = X509Certificate2.CreateFromPemFile(_folder.File("ca.pem"), _folder.File("ca.key"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=bank", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("bank.example");
        request.CertificateExtensions.Add(names.Build());
        using var forged = request.Create(authority, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddDays(1), [1]);

        Assert.True(Trusts(ours));
        Assert.False(Trusts(forged));

        bool Trusts(X509Certificate2 leaf)
        {
            using var chain = new X509Chain { ChainPolicy = Trusting(authority) };
            return chain.Build(leaf);
        }
    }

    [Fact]
    public void It_is_kept_until_30_days_before_its_end_and_then_renewed_under_the_same_authority()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var first = DevelopmentCertificate.Ensure(_folder.Path, clock);
        var authority = File.ReadAllText(_folder.File("ca.pem"));

        clock.Advance(TimeSpan.FromDays(334));
        using var same = DevelopmentCertificate.Ensure(_folder.Path, clock);
        clock.Advance(TimeSpan.FromDays(2));
        using var renewed = DevelopmentCertificate.Ensure(_folder.Path, clock);

        Assert.Equal(first.Thumbprint, same.Thumbprint);
        Assert.NotEqual(first.Thumbprint, renewed.Thumbprint);
        Assert.Equal(authority, File.ReadAllText(_folder.File("ca.pem")));
    }

    [Fact]
    public void An_authority_that_would_end_before_its_certificate_is_replaced_together_with_it()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var first = DevelopmentCertificate.Ensure(_folder.Path, clock);
        var authority = File.ReadAllText(_folder.File("ca.pem"));

        clock.Advance(TimeSpan.FromDays(9.5 * 365));
        using var renewed = DevelopmentCertificate.Ensure(_folder.Path, clock);

        Assert.NotEqual(authority, File.ReadAllText(_folder.File("ca.pem")));
        Assert.NotEqual(first.Thumbprint, renewed.Thumbprint);
    }

    [Fact]
    public void Keys_are_readable_by_their_owner_only()
    {
        if (OperatingSystem.IsWindows()) return;
        DevelopmentCertificate.Ensure(_folder.Path, TimeProvider.System).Dispose();

        foreach (var file in Directory.GetFiles(_folder.Path, "*.key"))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A_damaged_file_is_told_with_the_way_out()
    {
        DevelopmentCertificate.Ensure(_folder.Path, TimeProvider.System).Dispose();
        File.WriteAllText(_folder.File("localhost.key"), "nothing");

        var failure = Assert.Throws<StartupException>(() => DevelopmentCertificate.Ensure(_folder.Path, TimeProvider.System));
        Assert.Contains(_folder.Path, failure.Message, StringComparison.Ordinal);
    }

    private async Task<SslPolicyErrors> HandshakeAsync(X509Certificate2 certificate, string host)
    {
        using var authority = X509CertificateLoader.LoadCertificateFromFile(_folder.File("ca.pem"));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        var connecting = client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var server = await listener.AcceptTcpClientAsync();
        await connecting;

        var seen = SslPolicyErrors.RemoteCertificateNotAvailable;
        await using var serverStream = new SslStream(server.GetStream());
        await using var clientStream = new SslStream(client.GetStream());
        var serving = serverStream.AuthenticateAsServerAsync(certificate);
        try
        {
            await clientStream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = host,
                CertificateChainPolicy = Trusting(authority),
                RemoteCertificateValidationCallback = (_, _, _, errors) => (seen = errors) == SslPolicyErrors.None,
            });
            await serving;
        }
        catch (AuthenticationException)
        {
            Assert.NotEqual(SslPolicyErrors.None, seen);
        }
        return seen;
    }

    private static X509ChainPolicy Trusting(X509Certificate2 authority)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        return policy;
    }
}
