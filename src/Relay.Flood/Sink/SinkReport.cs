using System.Globalization;
using System.Text;

namespace Relay.Flood.Sink;

/// <summary>The lines that the sink prints.</summary>
internal static class SinkReport
{
    private const double Mebibyte = 1024 * 1024;

    /// <summary>Where it listens, and the seed when chance plays a part.</summary>
    public static string Start(SmtpSink sink)
    {
        var line = $"Listening on {sink.BoundEndPoint}: messages are {Fate(sink.Settings)}. Ctrl+C ends.";
        return sink.Settings.Rate < 1 || sink.Settings.Faults.Count > 1
            ? string.Create(CultureInfo.InvariantCulture, $"{line} Seed {sink.Seed}.")
            : line;
    }

    /// <summary>Has anything happened that a person would want to see?</summary>
    public static bool HasTraffic(SinkCounters last, SinkCounters now) =>
        now.Messages > last.Messages || now.FaultReplies > last.FaultReplies || now.Drops > last.Drops || now.Failures > last.Failures;

    /// <summary>Totals so far and the rate since the last line.</summary>
    public static string Status(SinkCounters last, SinkCounters now, TimeSpan elapsed)
    {
        var seconds = Math.Max(elapsed.TotalSeconds, 0.001);
        var messageRate = (now.Messages - last.Messages) / seconds;
        var byteRate = (now.Bytes - last.Bytes) / seconds / Mebibyte;
        var line = new StringBuilder().Append(
            CultureInfo.InvariantCulture,
            $"{now.Messages:N0} messages, {now.Recipients:N0} recipients, {now.Bytes:N0} bytes; {messageRate:N0} messages/s, ");
        line.Append(CultureInfo.InvariantCulture, $"{byteRate:N1} MiB/s; {now.OpenConnections:N0} connections");
        return AppendFaults(line, now).ToString();
    }

    /// <summary>What the run amounts to. The rate is over the time from the first message to the last.</summary>
    public static string Totals(SinkCounters counters)
    {
        var line = new StringBuilder("Total: ").Append(
            CultureInfo.InvariantCulture,
            $"{counters.Messages:N0} messages, {counters.Recipients:N0} recipients, {counters.Bytes:N0} bytes, ");
        line.Append(CultureInfo.InvariantCulture, $"{counters.Connections:N0} connections");
        AppendFaults(line, counters);
        var seconds = counters.Busy.TotalSeconds;
        if (seconds > 0)
        {
            line.Append(CultureInfo.InvariantCulture, $"; {seconds:N1} s, {counters.Messages / seconds:N0} messages/s");
        }

        return line.ToString();
    }

    private static string Fate(SinkSettings settings) => settings.SaveDirectory is null ? "counted" : $"saved in {settings.SaveDirectory}";

    private static StringBuilder AppendFaults(StringBuilder line, SinkCounters counters)
    {
        AppendIfAny(line, counters.FaultReplies, "refusals");
        AppendIfAny(line, counters.Drops, "drops");
        AppendIfAny(line, counters.Failures, "failures");
        return line;
    }

    private static void AppendIfAny(StringBuilder line, long count, string what)
    {
        if (count > 0)
        {
            line.Append(CultureInfo.InvariantCulture, $", {count:N0} {what}");
        }
    }
}
