using System.Collections.Immutable;
using System.Net;
using Relay.Messages.Destinations;

namespace Relay.Node.Dns;

/// <summary>What an answer of the name servers comes to.</summary>
internal enum DnsAnswerKind
{
    /// <summary>There are records of the type that was asked for.</summary>
    Records,

    /// <summary>The name exists, without records of that type.</summary>
    NoRecords,

    /// <summary>The name does not exist.</summary>
    NoSuchName,

    /// <summary>No answer, or none that says anything: it may pass.</summary>
    Trouble,
}

/// <summary>The name servers' answer to one question, as far as mail needs it.</summary>
/// <param name="Kind">What it comes to.</param>
/// <param name="ValidFor">How long it may be used from now on.</param>
internal sealed record DnsAnswer(DnsAnswerKind Kind, TimeSpan ValidFor)
{
    /// <summary>Mail exchangers as they were written, in lower case without a final dot: the host may be empty, or no host name at all.</summary>
    public ImmutableArray<MailExchanger> Exchangers { get; init; } = [];

    /// <summary>Addresses, each once, none of them IPv4 in the form of IPv6.</summary>
    public ImmutableArray<IPAddress> Addresses { get; init; } = [];

    /// <summary>Host names that an address leads to (PTR), as they were written, in lower case without a final dot.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>About what it takes of memory, in octets.</summary>
    public int Octets => 200
        + Exchangers.Sum(static exchanger => 64 + (2 * exchanger.Host.Length))
        + Names.Sum(static name => 32 + (2 * name.Length))
        + (Addresses.Length * 64);

    /// <summary>For trouble: what was asked and what came of it, for people.</summary>
    public string? Problem { get; init; }
}
