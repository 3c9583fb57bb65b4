using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Node.Encryption;

/// <summary>Whom a verified client certificate names (for AUTH EXTERNAL, RFC 4422 appendix A).</summary>
/// <remarks>
/// The only rfc822Name of the subject's alternative names; without any, their only dNSName, in lower case; in a certificate without alternative
/// names, the only common name of the subject, unless an authority above it is constrained in its names: constraints do not reach common names
/// (RFC 5280 section 4.2.1.10). Two of the kind that counts are two readings, and name nobody. So does everything but printable ASCII without
/// blanks, and a certificate whose key may not sign.
/// </remarks>
internal static class ClientIdentity
{
    /// <summary>The longest identity, in characters.</summary>
    public const int CharactersMax = 254;

    private const string AlternativeNames = "2.5.29.17";
    private const string NameConstraints = "2.5.29.30";
    private const string CommonName = "2.5.4.3";

    private static readonly Asn1Tag Rfc822Name = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag DnsName = new(TagClass.ContextSpecific, 2);

    /// <summary>The identity, or null.</summary>
    /// <param name="certificate">A certificate that was verified.</param>
    /// <param name="authorities">Those that vouch for it, one for the other, as far as they are known.</param>
    public static string? Of(X509Certificate2 certificate, IEnumerable<X509Certificate2> authorities)
    {
        try
        {
            if (certificate.Extensions.OfType<X509KeyUsageExtension>().Any(static usage => !usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature)))
            {
                return null;
            }

            var (mailboxes, hosts) = NamesOf(certificate);
            return mailboxes.Count > 0 ? Only(mailboxes)
                : hosts.Count > 0 ? Only(hosts)?.ToLowerInvariant()
                : Has(certificate, AlternativeNames) || authorities.Any(static authority => Has(authority, NameConstraints)) ? null
                : Only(CommonNamesOf(certificate.SubjectName));
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            return null; // what cannot be read names nobody
        }
    }

    private static bool Has(X509Certificate2 certificate, string extension) => certificate.Extensions.Any(found => found.Oid?.Value == extension);

    private static string? Only(List<string> names) => names is [var name] && IsPlain(name) ? name : null;

    // A star stands for many; everything else that is not printable could be read in two ways further on.
    private static bool IsPlain(string name) =>
        name.Length is > 0 and <= CharactersMax && !name.AsSpan().ContainsAnyExceptInRange('!', '~') && !name.Contains('*', StringComparison.Ordinal);

    private static (List<string> Mailboxes, List<string> Hosts) NamesOf(X509Certificate2 certificate)
    {
        var (mailboxes, hosts) = (new List<string>(), new List<string>());
        foreach (var extension in certificate.Extensions)
        {
            if (extension.Oid?.Value != AlternativeNames)
            {
                continue;
            }

            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                var tag = names.PeekTag();
                if (tag.HasSameClassAndValue(Rfc822Name))
                {
                    mailboxes.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, Rfc822Name));
                }
                else if (tag.HasSameClassAndValue(DnsName))
                {
                    hosts.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, DnsName));
                }
                else
                {
                    names.ReadEncodedValue();
                }
            }
        }

        return (mailboxes, hosts);
    }

    private static List<string> CommonNamesOf(X500DistinguishedName subject)
    {
        var names = new List<string>();
        foreach (var part in subject.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements)
            {
                return []; // which of its values is the name cannot be told
            }

            if (part.GetSingleElementType().Value == CommonName)
            {
                names.Add(part.GetSingleElementValue() ?? "");
            }
        }

        return names;
    }
}
