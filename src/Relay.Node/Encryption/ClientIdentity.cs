using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Node.Encryption;

/// <summary>Whom a verified client certificate names (for AUTH EXTERNAL, RFC 4422 appendix A).</summary>
/// <remarks>
/// The only rfc822Name of the subject's alternative names; without any, their only dNSName, in lower case; without either, the only common name
/// of the subject. Two of the kind that counts are two readings, and name nobody. So does everything but printable ASCII without blanks.
/// </remarks>
internal static class ClientIdentity
{
    /// <summary>The longest identity, in characters.</summary>
    public const int CharactersMax = 254;

    private const string AlternativeNames = "2.5.29.17";
    private const string CommonName = "2.5.4.3";

    private static readonly Asn1Tag Rfc822Name = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag DnsName = new(TagClass.ContextSpecific, 2);

    /// <summary>The identity, or null.</summary>
    public static string? Of(X509Certificate2 certificate)
    {
        try
        {
            var (mailboxes, hosts) = NamesOf(certificate);
            return mailboxes.Count > 0 ? Only(mailboxes)
                : hosts.Count > 0 ? Only(hosts)?.ToLowerInvariant()
                : Only(CommonNamesOf(certificate.SubjectName));
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            return null; // what cannot be read names nobody
        }
    }

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
