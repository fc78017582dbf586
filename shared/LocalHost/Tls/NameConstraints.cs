using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Serverless.LocalHost.Tls;

/// <summary>
/// RFC 5280 section 4.2.1.10: the names that an authority may certify. With this a stolen development authority, even one that the user's
/// machine trusts, can impersonate nothing but the machine itself.
/// </summary>
internal static class NameConstraints
{
    private static readonly Asn1Tag PermittedSubtrees = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag DnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag IpAddress = new(TagClass.ContextSpecific, 7);

    /// <summary>Permits <paramref name="domain"/> with all below it, and single addresses.</summary>
    public static X509Extension Permit(string domain, params IPAddress[] addresses)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(PermittedSubtrees))
        {
            using (writer.PushSequence()) writer.WriteCharacterString(UniversalTagNumber.IA5String, domain, DnsName);
            foreach (var address in addresses)
            {
                var bytes = address.GetAddressBytes();
                byte[] mask = [.. Enumerable.Repeat((byte)0xFF, bytes.Length)];
                using (writer.PushSequence()) writer.WriteOctetString([.. bytes, .. mask], IpAddress);
            }
        }
        return new X509Extension("2.5.29.30", writer.Encode(), critical: true);
    }
}
