using System.Xml.Linq;
using Relay.Flood.Report;

namespace Relay.Flood.Tests.Report;

public sealed class ReportTests
{
    private static readonly Verdict Missed = new("p99", "50.0 ms", "at most 15.0 ms", Passed: false);

    [Fact]
    public void One_missed_target_fails_the_whole()
    {
        var missed = SampleReport.Of("slowloris") with { Verdicts = [Missed] };
        Assert.True(SampleReport.Whole(SampleReport.Of("baseline")).Passed);
        Assert.False(SampleReport.Whole(SampleReport.Of("baseline"), missed).Passed);
    }

    [Fact]
    public void The_text_says_what_was_told_and_what_was_missed()
    {
        var text = ReportText.Of(SampleReport.Whole(SampleReport.Of("baseline"), SampleReport.Of("slowloris") with { Verdicts = [Missed], NotJudged = ["memory: no --api is given"] }));
        Assert.Contains("  not judged  memory: no --api is given\n", text, StringComparison.Ordinal);
        Assert.Contains("they were told: 250 × 150, 450 4.7.1 × 8850", text, StringComparison.Ordinal);
        Assert.Contains("FAIL  p99: 50.0 ms (at most 15.0 ms)", text, StringComparison.Ordinal);
        Assert.Contains("\npass  baseline\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\nFAIL  slowloris: p99\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_needs_nothing_else_and_its_plots_are_whole()
    {
        var page = ReportPage.Of(SampleReport.Whole(SampleReport.Of("baseline")));
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("an &lt;attack&gt; &amp; its description", page, StringComparison.Ordinal);
        var plots = page.Split("<svg").Skip(1).Select(part => "<svg" + part[..(part.IndexOf("</svg>", StringComparison.Ordinal) + 6)]).ToList();
        Assert.Equal(5, plots.Count);
        Assert.All(plots, plot => Assert.NotEmpty(XElement.Parse(plot).Elements("path")));
    }

    [Fact]
    public void The_summary_of_the_page_has_what_the_verdicts_are_of()
    {
        var report = SampleReport.Of("baseline") with
        {
            Baseline = new LoadFigures(1000, 250, 740, 10, 2.1, 5, 9, 4, 9),
            Recovery = new LoadFigures(500, 494, 1, 5, 2.1, 5, 9, 4, 9),
        };
        var summary = ReportPage.Of(SampleReport.Whole(report)).Split("</table>")[0];
        Assert.Contains("<th>refused<th>failed<th>", summary, StringComparison.Ordinal);
        Assert.Contains("<td>25.0 %<td>100.0 %<td>5.0 ms<td>6.0 ms<td>741<td>15<td>", summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plot_breaks_its_line_where_nothing_is_known()
    {
        var plot = XElement.Parse(SvgPlot.Draw("p99", [new PlotLine("p99", [(0, 1), (1, 2), (2, null), (3, 2), (4, 2)])], 1, 2, 4));
        var path = plot.Element("path")!.Attribute("d")!.Value;
        Assert.Equal(2, path.Count(character => character == 'M'));
        Assert.Equal(2, path.Count(character => character == 'L'));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.03, 0.04)]
    [InlineData(1, 1)]
    [InlineData(3.1, 4)]
    [InlineData(99, 100)]
    [InlineData(150, 200)]
    public void A_scale_ends_with_a_round_number(double most, double scale) => Assert.Equal(scale, SvgPlot.NiceMaximum(most), 9);
}
