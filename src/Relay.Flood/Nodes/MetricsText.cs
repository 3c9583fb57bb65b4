using System.Globalization;

namespace Relay.Flood.Nodes;

/// <summary>Reads figures out of the text of <c>/metrics</c> (the exposition format of Prometheus).</summary>
internal static class MetricsText
{
    /// <summary>The sum of all series of a name; null when there is none.</summary>
    public static double? SumOf(string text, string name)
    {
        double? sum = null;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(name, StringComparison.Ordinal) || line.Length <= name.Length || line[name.Length] is not (' ' or '{'))
            {
                continue;
            }

            var rest = line[name.Length..];
            var labelsEnd = rest.LastIndexOf('}');
            var value = (labelsEnd < 0 ? rest : rest[(labelsEnd + 1)..]).TrimStart(' ');
            var space = value.IndexOf(' ');
            if (double.TryParse(space < 0 ? value : value[..space], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                sum = (sum ?? 0) + number;
            }
        }

        return sum;
    }
}
