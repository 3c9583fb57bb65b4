using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Relay.Node.Settings;
using Relay.Smtp.Addresses;

namespace Relay.Node.CommandLine.Flood;

/// <summary>Whom a flood may be aimed at.</summary>
internal static class FloodTargets
{
    /// <summary>Most targets of one flood.</summary>
    public const int Max = 100;

    /// <summary>The addresses of targets, the first one of each name.</summary>
    /// <param name="targets">HOST:PORT each.</param>
    /// <param name="isOurs">May they be anywhere? Else every address that a name has must be on loopback.</param>
    /// <param name="cancellationToken">Ends the look-ups.</param>
    /// <exception cref="CommandException">A target is none, has no address, or is not on loopback.</exception>
    public static async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(IEnumerable<string> targets, bool isOurs, CancellationToken cancellationToken)
    {
        var found = new List<IPEndPoint>();
        foreach (var target in targets)
        {
            found.Add(await ResolveAsync(target, isOurs, cancellationToken));
        }

        return found.Count <= Max ? found : throw new CommandException($"--target: there may be {Max} targets", ExitCodes.Usage);
    }

    /// <summary>An admin address.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    public static Uri ParseApi(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new CommandException($"--api: {ShownText.Quote(text)} is no address of a node, like http://127.0.0.1:8025", ExitCodes.Usage);

    /// <summary>A mail address that can stand in a command line.</summary>
    /// <exception cref="CommandException">It is none, or not in ASCII.</exception>
    public static string ParseAddress(string option, string text) =>
        MailPath.TryParse(text, out var path) && path is { IsNull: false, IsUtf8: false, Domain: not null }
            ? path.Text
            : throw new CommandException($"{option}: {ShownText.Quote(text)} is no mail address, like user@relay.example", ExitCodes.Usage);

    private static async Task<IPEndPoint> ResolveAsync(string target, bool isOurs, CancellationToken cancellationToken)
    {
        var colon = target.LastIndexOf(':');
        var host = colon > 0 ? target[..colon] : "";
        host = host is ['[', .. var inner, ']'] ? inner : host;
        if (host.Length == 0 || !ushort.TryParse(target.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
        {
            throw new CommandException($"--target: {ShownText.Quote(target)} is not HOST:PORT, like 127.0.0.1:2525", ExitCodes.Usage);
        }

        var addresses = await AddressesOfAsync(host, cancellationToken);
        if (!isOurs && !addresses.All(IPAddress.IsLoopback))
        {
            throw new CommandException(
                $"--target: {ShownText.Quote(host)} is not on loopback. Only a host of your own may be flooded: --i-own-this-host says that it is", ExitCodes.Usage);
        }

        return new IPEndPoint(addresses[0], port);
    }

    private static async Task<IPAddress[]> AddressesOfAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return EndPointText.TryParseAddress(host, out var strict)
                ? [strict]
                : throw new CommandException($"--target: {ShownText.Quote(host)} is not how {address} is written", ExitCodes.Usage);
        }

        try
        {
            return await System.Net.Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (SocketException unknown)
        {
            throw new CommandException($"--target: {ShownText.Quote(host)}: {ShownText.Clean(unknown.Message)}", ExitCodes.Usage);
        }
    }
}
