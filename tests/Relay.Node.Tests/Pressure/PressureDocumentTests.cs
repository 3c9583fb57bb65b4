using System.Globalization;
using Relay.Actors.Pressure;
using Relay.Node.Settings;
using Relay.Smtp.Replies;
using Relay.TestKit;

namespace Relay.Node.Tests.Pressure;

/// <summary>docs/limits.md says what the tables in the code do, row by row.</summary>
public sealed class PressureDocumentTests
{
    private static readonly string[] Document = File.ReadAllLines(Path.Combine(RepositoryFolder.Path, "docs", "limits.md"));

    [Fact]
    public void Every_level_does_what_the_document_says() =>
        Assert.Equal(Enum.GetValues<PressureLevel>().Select(PressureTable.Of).Select(RowOf), RowsAfter("| level |"));

    [Fact]
    public void Every_signal_has_the_marks_of_the_document() =>
        Assert.Equal(PressureSignals.All.Select(RowOf), RowsAfter("| signal |"));

    private static string RowOf(PressureEffects effects) => string.Join(
        " | ",
        $"| {effects.Level}",
        ReplyOf(effects.Connections),
        ReplyOf(effects.StrangersMail),
        ReplyOf(effects.UsersMail),
        effects.SharesShrink ? "an eighth of the room left, at most" : "whole",
        SettingText.Of(effects.CommandTime),
        string.Create(CultureInfo.InvariantCulture, $"{effects.BodyRateMin} octets/s after {SettingText.Of(effects.BodyGrace)}"),
        effects.Readiness switch
        {
            PressureReadiness.Always => "yes",
            PressureReadiness.NotWhileMostOthersAreBelow => "not while most others are below",
            _ => "no",
        }) + " |";

    private static string RowOf(PressureSignal signal) => string.Join(
        " | ", $"| `{signal.Name}`", signal.Unit, MarksOf(signal.Medium), MarksOf(signal.High), MarksOf(signal.Critical)) + " |";

    private static string ReplyOf(SmtpReply? reply) => reply is null ? "taken" : $"`{reply.Code} {reply.Status}`";

    private static string MarksOf(PressureMarks? marks) =>
        marks is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known.Up:0}, {known.Down:0}") : "never";

    private static IEnumerable<string> RowsAfter(string header) => Document
        .SkipWhile(line => !line.StartsWith(header, StringComparison.Ordinal)).Skip(2)
        .TakeWhile(static line => line.StartsWith('|'));
}
