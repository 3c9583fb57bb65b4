using System.Globalization;
using System.Net;
using System.Text;

namespace Relay.Flood.Report;

/// <summary>One line of a plot: points without a value break it.</summary>
internal sealed record PlotLine(string Name, IReadOnlyList<(double X, double? Y)> Points);

/// <summary>Draws lines over time as SVG, with the flood's time shaded.</summary>
internal static class SvgPlot
{
    private const int Width = 560;
    private const int Height = 200;
    private const int Left = 60;
    private const int Right = 12;
    private const int Top = 26;
    private const int Bottom = 26;
    private const int Steps = 4;
    private static readonly double[] RoundFactors = [1, 2, 4, 5, 8, 10];
    private static readonly string[] Colours = ["#1f6fb2", "#d1495b", "#3a9d5d", "#8a5fbf", "#c98a1b", "#3aa6a6", "#777777"];

    /// <summary>A plot; its scale begins with zero.</summary>
    /// <param name="title">What is drawn, with its unit.</param>
    /// <param name="lines">The lines.</param>
    /// <param name="from">Where the flood begins.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="end">Where the plot ends.</param>
    public static string Draw(string title, IReadOnlyList<PlotLine> lines, double from, double to, double end)
    {
        var most = NiceMaximum(lines.SelectMany(line => line.Points).Max(point => point.Y) ?? 1);
        var svg = new StringBuilder();
        Add(svg, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(title)}\">");
        Add(svg, $"<rect class=\"flood\" x=\"{X(from, end):0.#}\" y=\"{Top}\" width=\"{X(to, end) - X(from, end):0.#}\" height=\"{Height - Top - Bottom}\"/>");
        Add(svg, $"<text class=\"title\" x=\"{Left}\" y=\"16\">{WebUtility.HtmlEncode(title)}</text>");
        for (var step = 0; step <= Steps; step++)
        {
            var value = most * step / Steps;
            Add(svg, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(value, most):0.#}\" y2=\"{Y(value, most):0.#}\"/>");
            Add(svg, $"<text class=\"tick\" text-anchor=\"end\" x=\"{Left - 6}\" y=\"{Y(value, most) + 4:0.#}\">{value:0.###}</text>");
            Add(svg, $"<text class=\"tick\" text-anchor=\"middle\" x=\"{X(end * step / Steps, end):0.#}\" y=\"{Height - 8}\">{end * step / Steps:0} s</text>");
        }

        for (var i = 0; i < lines.Count; i++)
        {
            var colour = Colours[i % Colours.Length];
            Add(svg, $"<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\" d=\"{PathOf(lines[i], most, end)}\"/>");
            Add(svg, $"<text class=\"tick\" text-anchor=\"end\" fill=\"{colour}\" x=\"{Width - Right - (i * 76)}\" y=\"16\">{WebUtility.HtmlEncode(lines[i].Name)}</text>");
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>The next of 1, 2, 4, 5, 8 and 10 times a power of ten, so that its quarters have few digits.</summary>
    internal static double NiceMaximum(double value)
    {
        if (value <= 0)
        {
            return 1;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return RoundFactors.Select(factor => factor * power).First(candidate => candidate >= value * (1 - 1e-9));
    }

    private static string PathOf(PlotLine line, double most, double end)
    {
        var path = new StringBuilder();
        var isDrawing = false;
        foreach (var (x, y) in line.Points)
        {
            if (y is { } value)
            {
                path.Append(CultureInfo.InvariantCulture, $"{(isDrawing ? 'L' : 'M')}{X(x, end):0.#} {Y(value, most):0.#}");
            }

            isDrawing = y is not null;
        }

        return path.ToString();
    }

    private static double X(double value, double end) => Left + (value / end * (Width - Left - Right));

    private static double Y(double value, double most) => Height - Bottom - (value / most * (Height - Top - Bottom));

    private static void Add(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture));
}
