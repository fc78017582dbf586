using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Serverless.LocalHost.Settings;

namespace Serverless.LocalHost.Tls;

/// <summary>
/// The https listener's certificate, for localhost, 127.0.0.1 and ::1, and the development authority that issues it: ECDSA P-256,
/// kept in one folder as ca.pem, ca.key, localhost.pem and localhost.key. Clients trust ca.pem (the AWS CLI's --ca-bundle).
/// </summary>
internal static class DevelopmentCertificate
{
    public const string AuthorityFile = "ca.pem";

    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    /// <summary>Loads the certificate, or issues one where it is missing or expires within 30 days (the authority: within the certificate's year).</summary>
    /// <exception cref="StartupException">A file is damaged.</exception>
    public static X509Certificate2 Ensure(string folder, TimeProvider time)
    {
        OwnerOnly.CreateFolder(folder);
        var now = time.GetUtcNow();
        try
        {
            using var authority = Load(folder, "ca", now.AddYears(1)) ?? Save(folder, "ca", CreateAuthority(now));
            var leaf = Load(folder, "localhost", now + RenewBefore);
            if (leaf is not null && IsIssuedBy(leaf, authority)) return leaf;
            leaf?.Dispose();
            return Save(folder, "localhost", Issue(authority, now));
        }
        catch (CryptographicException exception)
        {
            throw new StartupException($"A development certificate in {folder} is damaged: delete that folder, and new ones are made.", exception);
        }
    }

    private static X509Certificate2? Load(string folder, string name, DateTimeOffset validUntil)
    {
        var (certificateFile, keyFile) = Files(folder, name);
        if (!File.Exists(certificateFile) || !File.Exists(keyFile)) return null;
        var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        if (certificate.NotAfter.ToUniversalTime() > validUntil.UtcDateTime) return ForServer(certificate);
        certificate.Dispose();
        return null;
    }

    private static X509Certificate2 Save(string folder, string name, X509Certificate2 certificate)
    {
        var (certificateFile, keyFile) = Files(folder, name);
        using var key = certificate.GetECDsaPrivateKey()!;
        OwnerOnly.WriteFile(keyFile, key.ExportPkcs8PrivateKeyPem());
        OwnerOnly.WriteFile(certificateFile, certificate.ExportCertificatePem());
        return ForServer(certificate);
    }

    private static (string Certificate, string Key) Files(string folder, string name) =>
        (Path.Combine(folder, name + ".pem"), Path.Combine(folder, name + ".key"));

    private static bool IsIssuedBy(X509Certificate2 leaf, X509Certificate2 authority) =>
        leaf.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().SingleOrDefault()?.KeyIdentifier is { } issuer
        && authority.Extensions.OfType<X509SubjectKeyIdentifierExtension>().SingleOrDefault() is { } subject
        && issuer.Span.SequenceEqual(subject.SubjectKeyIdentifierBytes.Span);

    private static X509Certificate2 CreateAuthority(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Development authority of {Environment.MachineName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority(pathLengthConstraint: 0));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(NameConstraints.Permit("localhost", IPAddress.Loopback, IPAddress.IPv6Loopback));
        return request.CreateSelfSigned(now - ClockSkew, now.AddYears(10));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForEndEntity());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], critical: false));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var certificate = request.Create(authority, now - ClockSkew, now.AddYears(1), RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Windows' TLS refuses a key that lives in memory only, as one read from a PEM file does.</summary>
    private static X509Certificate2 ForServer(X509Certificate2 certificate) => OperatingSystem.IsWindows()
        ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null)
        : certificate;
}
