using System.CommandLine;
using System.Globalization;
using System.Net;
using Relay.Flood.Sink;
using Relay.Node.Settings;
using Relay.Policy.Values;

namespace Relay.Node.CommandLine;

/// <summary><c>relay sink</c>: an SMTP server that takes mail for tests, and misbehaves when told to.</summary>
internal sealed class SinkCommand
{
    private const string MillisecondsUnit = "ms";
    private static readonly SinkSettings Defaults = new();

    private readonly Option<IPEndPoint> _listen = new("--listen")
    {
        Description = "Where to listen; port 0 takes a free one.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => Defaults.Listen,
        CustomParser = Parsing.Of<IPEndPoint>(ParseListen),
    };

    private readonly Option<string?> _save = new("--save")
    {
        Description = "Keep the bytes of every message in this folder.",
        HelpName = "DIR",
    };

    private readonly Option<IReadOnlyList<SinkFault>> _fail = new("--fail")
    {
        Description = "Refuse at a place: RCPT=451, 'DATA=452 4.3.1 Disk full'. Repeatable. Places: CONNECT, EHLO, MAIL, RCPT, DATA, DOT.",
        HelpName = "PLACE=CODE[ TEXT]",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = Parsing.EachOf<SinkFault>(ParseFault),
    };

    private readonly Option<double> _rate = new("--rate")
    {
        Description = "The share of times that --fail and --drop-at apply, 0 to 1.",
        HelpName = "SHARE",
        DefaultValueFactory = _ => Defaults.Rate,
        CustomParser = Parsing.Of<double>(ParseRate),
    };

    private readonly Option<long?> _seed = new("--seed")
    {
        Description = "Makes the choices of --rate the same in every run. [default: a new one]",
        HelpName = "N",
    };

    private readonly Option<TimeSpan> _delay = new("--delay")
    {
        Description = "Wait this long before answering the end of a message: 200ms, 5s, 1m. [default: none]",
        HelpName = "TIME",
        CustomParser = Parsing.Of<TimeSpan>(ParseDelay),
    };

    private readonly Option<SinkPlace?> _dropAt = new("--drop-at")
    {
        Description = $"Close the connection without an answer at a place: {SinkPlaces.Names}.",
        HelpName = "PLACE",
        CustomParser = Parsing.Of<SinkPlace?>(ParsePlace),
    };

    private readonly Option<long?> _count = new("--count")
    {
        Description = "End after this many messages. [default: never]",
        HelpName = "N",
        CustomParser = Parsing.Of<long?>(ParseCount),
    };

    private readonly Option<string?> _ledger = new("--ledger")
    {
        Description = "Write a line for every message to this file.",
        HelpName = "FILE",
    };

    private readonly CommandContext _context;

    private SinkCommand(CommandContext context) => _context = context;

    public static Command Build(CommandContext context)
    {
        var sink = new SinkCommand(context);
        var command = new Command("sink", "Takes mail and throws it away: a next hop for tests, with faults on demand.")
        {
            sink._listen, sink._save, sink._fail, sink._rate, sink._seed, sink._delay, sink._dropAt, sink._count, sink._ledger,
        };
        command.SetAction((arguments, cancellationToken) =>
            context.RunSink(sink.Read(arguments), context.Output, cancellationToken));
        return command;
    }

    private SinkSettings Read(ParseResult arguments) => Defaults with
    {
        Listen = arguments.GetRequiredValue(_listen),
        SaveDirectory = Resolve(arguments.GetValue(_save)),
        Faults = arguments.GetValue(_fail) ?? [],
        Rate = arguments.GetValue(_rate),
        Seed = arguments.GetValue(_seed),
        Delay = arguments.GetValue(_delay),
        DropAt = arguments.GetValue(_dropAt),
        StopAfter = arguments.GetValue(_count),
        LedgerFile = Resolve(arguments.GetValue(_ledger)),
    };

    private string? Resolve(string? path) => path is null ? null : Path.GetFullPath(path, _context.WorkingDirectory);

    private static string? ParseListen(string text, out IPEndPoint value)
    {
        var isEndPoint = EndPointText.TryParse(text, out var endPoint, out var error);
        value = endPoint!;
        return isEndPoint ? null : error;
    }

    private static string? ParseFault(string text, out SinkFault value)
    {
        var isFault = SinkFault.TryParse(text, out var fault, out var error);
        value = fault!;
        return isFault ? null : error;
    }

    private static string? ParseRate(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is >= 0 and <= 1
            ? null
            : $"{ShownText.Quote(text)} is not a share from 0 to 1, like 0.1";

    private static string? ParsePlace(string text, out SinkPlace? value)
    {
        var isPlace = SinkPlaces.TryParse(text, out var place);
        value = place;
        return isPlace ? null : $"{ShownText.Quote(text)} is no place: {SinkPlaces.Names}";
    }

    private static string? ParseCount(string text, out long? value)
    {
        var isCount = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0;
        value = count;
        return isCount ? null : $"{ShownText.Quote(text)} is not a number from 1";
    }

    /// <summary>A time as everywhere, or in milliseconds: a peer that is a little slow is the commoner fault.</summary>
    private static string? ParseDelay(string text, out TimeSpan value)
    {
        var number = text.EndsWith(MillisecondsUnit, StringComparison.Ordinal) ? text[..^MillisecondsUnit.Length] : "";
        if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            value = TimeSpan.FromMilliseconds(count);
            return null;
        }

        var isTime = Duration.TryParse(text, out var time, out var error);
        value = time.Value;
        return isTime ? null : error;
    }
}
