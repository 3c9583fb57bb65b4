using Relay.Node.CommandLine;
using Relay.Node.Composition;

namespace Relay.Node.Tests.Composition;

public sealed class DescriptorBudgetTests
{
    [Theory]
    [InlineData(1_000, 320, 54, 18)]
    [InlineData(20_000, 320, 17_072, 2_000)]
    [InlineData(1_048_576, 320, 1_045_648, 2_000)]
    [InlineData(long.MaxValue, 320, int.MaxValue, 2_000)]
    public void Deliveries_get_a_quarter_of_what_is_left_and_clients_the_rest(long limit, long segments, int smtp, int outbound)
    {
        var budget = DescriptorBudget.Of(limit, segments);
        Assert.Equal((smtp, outbound), (budget.SmtpConnections, budget.OutboundConnections));
    }

    [Fact]
    public void Without_a_known_limit_policy_alone_decides()
    {
        var budget = DescriptorBudget.Of(null, 320);
        Assert.Equal((int.MaxValue, 2_000), (budget.SmtpConnections, budget.OutboundConnections));
    }

    [Fact]
    public void Nothing_is_shared_out_twice()
    {
        for (var limit = 0L; limit < 20_000; limit++)
        {
            try
            {
                var budget = DescriptorBudget.Of(limit, 64);
                Assert.Equal(limit, DescriptorBudget.Reserve + 64 + budget.SmtpConnections + budget.OutboundConnections);
            }
            catch (CommandException)
            {
                Assert.InRange(limit, 0, 713);
            }
        }
    }

    [Fact]
    public void The_limit_that_is_asked_for_is_the_lowest_that_is_enough()
    {
        var budget = DescriptorBudget.Of(null, 64);
        foreach (var connections in Enumerable.Range(DescriptorBudget.SmtpConnectionsMin + 1, 200).Append(5_999).Append(6_000).Append(6_001).Append(10_000))
        {
            var limit = budget.LimitFor(connections);
            Assert.InRange(DescriptorBudget.Of(limit, 64).SmtpConnections, connections, int.MaxValue);
            Assert.InRange(DescriptorBudget.Of(limit - 1, 64).SmtpConnections, 0, connections - 1);
        }
    }

    [Theory]
    [InlineData("Max open files            20000                20000                files     ", 20_000L)]
    [InlineData("Max open files            unlimited            unlimited            files     ", null)]
    [InlineData("Max open files            7", 7L)]
    [InlineData("Max open files", null)]
    [InlineData("", null)]
    public void The_limit_is_read_from_what_Linux_says(string row, long? limit) =>
        Assert.Equal(limit, DescriptorBudget.ParseLimit($"Limit                     Soft Limit           Hard Limit           Units     \nMax processes             96421                96421                processes \n{row}\n"));
}
