using System.CommandLine;
using System.Globalization;
using System.Net;
using Relay.Flood;
using Relay.Flood.Load;
using Relay.Node.Settings;
using Relay.Policy.Values;

namespace Relay.Node.CommandLine.Flood;

/// <summary>The options of <c>relay flood</c>.</summary>
internal sealed class FloodOptions
{
    private const int NodesMax = 9;
    private static readonly FloodSettings Defaults = new();

    private readonly Option<string[]> _target = new("--target")
    {
        Description = "Where the nodes take mail, HOST:PORT, separated by commas or repeated. [default: nodes of its own]",
        HelpName = "HOST:PORT",
    };

    private readonly Option<bool> _local = new("--local") { Description = "Start nodes and a sink of its own, and remove them afterwards; the default without --target." };

    private readonly Option<int> _nodes = Number("--nodes", $"Nodes of its own, 1 to {NodesMax}.", Defaults.Nodes, 1, NodesMax);

    private readonly Option<string[]> _api = new("--api")
    {
        Description = "The nodes' admin addresses, for CPU, memory and spool, separated by commas or repeated.",
        HelpName = "URL",
    };

    private readonly Option<bool> _ownHost = new("--i-own-this-host")
    {
        Description = "Allow a target that is not on loopback. Flooding a host that is not yours is a crime.",
    };

    private readonly Option<int> _seconds = Number(
        "--seconds", "Length of the baseline and of the flood, each.", (int)Defaults.Length.TotalSeconds, 1, (int)FloodSettings.PhaseMax.TotalSeconds);

    private readonly Option<int> _warmUp = Number(
        "--warm-up", "Seconds before anything is measured.", (int)Defaults.WarmUp.TotalSeconds, 0, (int)FloodSettings.PhaseMax.TotalSeconds);

    private readonly Option<int> _recovery = Number(
        "--recovery", "Seconds after the flood.", (int)Defaults.Recovery.TotalSeconds, 1, (int)FloodSettings.PhaseMax.TotalSeconds);

    private readonly Option<int> _legitRate = Number(
        "--legit-rate", "Legitimate messages a second, of all senders together.", (int)Defaults.LegitimateRate, 1, FloodSettings.RateMax);

    private readonly Option<int> _legitSenders = Number(
        "--legit-senders", "Legitimate senders.", Defaults.LegitimateSenders, 1, SourceAddresses.LegitimateMax);

    private readonly Option<int?> _attackRate = new("--attack-rate")
    {
        Description = "What the attackers do a second. [default: the scenario's own]",
        HelpName = "N",
        CustomParser = Parsing.Of<int?>((string text, out int? value) => ParseOptional(text, FloodSettings.RateMax, out value)),
    };

    private readonly Option<int> _size = Number("--size", "Octets of a legitimate message.", Defaults.MessageBytes, 200, 100 << 20);

    private readonly Option<int> _bigSize = Number("--big-size", "Octets of a message of big-bodies.", Defaults.BigBytes, 1024, 1 << 30);

    private readonly Option<string> _to = new("--to")
    {
        Description = "A recipient that the cluster takes mail for, and delivers to the sink.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => Defaults.Recipient,
    };

    private readonly Option<string> _deadTo = new("--dead-to")
    {
        Description = "A recipient that is accepted and whose next hop does not answer.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => Defaults.DeadRecipient,
    };

    private readonly Option<IPEndPoint?> _sink = new("--sink")
    {
        Description = "Where to take what the cluster delivers, so that deliveries are measured too. [default: nowhere with --target]",
        HelpName = "ADDRESS",
        CustomParser = Parsing.Of<IPEndPoint?>(ParseEndPoint),
    };

    private readonly Option<Rate?> _limit = new("--limit")
    {
        Description = "The rate of the policy's limit on one client's messages, like 150/min: what attackers got is held against it.",
        HelpName = "RATE",
        CustomParser = Parsing.Of<Rate?>(ParseRate),
    };

    private readonly Option<int?> _burst = new("--burst")
    {
        Description = "The burst of that limit. [default: the rate's number]",
        HelpName = "N",
        CustomParser = Parsing.Of<int?>((string text, out int? value) => ParseOptional(text, int.MaxValue, out value)),
    };

    private readonly Option<long?> _share = new("--spool-share")
    {
        Description = "Octets of a node's spool that one sender may fill: what attackers filled is held against it.",
        HelpName = "OCTETS",
        CustomParser = Parsing.Of<long?>(ParseOctets),
    };

    private readonly Option<bool> _tls = new("--tls") { Description = "Legitimate senders use STARTTLS." };

    private readonly Option<string> _data = new("--data")
    {
        Description = "The folder, on a disk, below which nodes of its own keep their data. It must be there.",
        HelpName = "DIR",
        DefaultValueFactory = _ => Defaults.DataDirectory,
    };

    private readonly Option<int> _seed = Number("--seed", "Makes arrivals the same in every run.", Defaults.Seed, 0, int.MaxValue);

    public void AddTo(Command command)
    {
        Option[] all =
        [
            _target, _local, _nodes, _api, _ownHost, _seconds, _warmUp, _recovery, _legitRate, _legitSenders, _attackRate, _size, _bigSize, _to,
            _deadTo, _sink, _limit, _burst, _share, _tls, _data, _seed,
        ];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What the options say.</summary>
    /// <exception cref="CommandException">A target is not on loopback and not said to be ours, or two options do not go together.</exception>
    public async Task<FloodSettings> ReadAsync(ParseResult arguments, CommandContext context, CancellationToken cancellationToken)
    {
        var targets = await FloodTargets.ResolveAsync(
            Split(arguments.GetValue(_target)), arguments.GetValue(_ownHost), cancellationToken);
        if (targets.Count > 0 && arguments.GetValue(_local))
        {
            throw new CommandException("--local starts nodes of its own: it does not go with --target", ExitCodes.Usage);
        }

        var limit = arguments.GetValue(_limit);
        if (limit is null && arguments.GetValue(_burst) is not null)
        {
            throw new CommandException("--burst is that of a limit: give --limit too", ExitCodes.Usage);
        }

        var data = Path.GetFullPath(arguments.GetRequiredValue(_data), context.WorkingDirectory);
        if (targets.Count == 0 && !Directory.Exists(data))
        {
            throw new CommandException($"--data: there is no folder {ShownText.Quote(data)}", ExitCodes.Usage);
        }

        return Defaults with
        {
            Targets = targets,
            HasSourceAddresses = targets.All(target => IPAddress.IsLoopback(target.Address) && !target.Address.Equals(IPAddress.IPv6Loopback)),
            Apis = [.. Split(arguments.GetValue(_api)).Select(FloodTargets.ParseApi)],
            Nodes = arguments.GetValue(_nodes),
            Length = TimeSpan.FromSeconds(arguments.GetValue(_seconds)),
            WarmUp = TimeSpan.FromSeconds(arguments.GetValue(_warmUp)),
            Recovery = TimeSpan.FromSeconds(arguments.GetValue(_recovery)),
            LegitimateRate = arguments.GetValue(_legitRate),
            LegitimateSenders = arguments.GetValue(_legitSenders),
            AttackRate = arguments.GetValue(_attackRate),
            MessageBytes = arguments.GetValue(_size),
            BigBytes = arguments.GetValue(_bigSize),
            Recipient = FloodTargets.ParseAddress("--to", arguments.GetRequiredValue(_to)),
            DeadRecipient = FloodTargets.ParseAddress("--dead-to", arguments.GetRequiredValue(_deadTo)),
            Sink = arguments.GetValue(_sink) ?? (targets.Count > 0 ? null : Defaults.Sink),
            LimitPerSecond = limit?.Count / limit?.Period.TotalSeconds,
            LimitBurst = arguments.GetValue(_burst) ?? limit?.Count ?? 0,
            SpoolShareBytes = arguments.GetValue(_share),
            WithTls = arguments.GetValue(_tls),
            DataDirectory = data,
            Seed = arguments.GetValue(_seed),
        };
    }

    private static IEnumerable<string> Split(string[]? values) =>
        (values ?? []).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static Option<int> Number(string name, string description, int value, int least, int most) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => value,
        CustomParser = Parsing.Of<int>((string text, out int number) => ParseNumber(text, least, most, out number)),
    };

    private static string? ParseNumber(string text, int least, int most, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{ShownText.Quote(text)} is not a number from {least} to {most}");

    private static string? ParseOptional(string text, int most, out int? value)
    {
        var error = ParseNumber(text, 1, most, out var number);
        value = number;
        return error;
    }

    private static string? ParseOctets(string text, out long? value)
    {
        var isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var octets) && octets > 0;
        value = octets;
        return isNumber ? null : $"{ShownText.Quote(text)} is not a number of octets from 1";
    }

    private static string? ParseEndPoint(string text, out IPEndPoint? value)
    {
        var isEndPoint = EndPointText.TryParse(text, out value, out var error);
        return isEndPoint ? null : error;
    }

    private static string? ParseRate(string text, out Rate? value)
    {
        var isRate = Rate.TryParse(text, out var rate, out var error);
        value = rate;
        return isRate ? null : error;
    }
}
