using Relay.Flood.Sink;
using Relay.TestKit.Smtp;

namespace Relay.Flood.Tests.Sink;

public class ChanceTests
{
    private const int Recipients = 200;

    [Fact]
    public async Task The_same_seed_makes_the_same_choices()
    {
        var first = await CodesAsync(seed: 42);
        Assert.Equal(first, await CodesAsync(seed: 42));
        Assert.NotEqual(first, await CodesAsync(seed: 43));
    }

    [Fact]
    public async Task Faults_apply_as_often_as_the_rate_says()
    {
        var codes = await CodesAsync(seed: 7);
        Assert.InRange(codes.Count(c => c == 451), Recipients * 0.15, Recipients * 0.45);
        Assert.Equal(Recipients, codes.Count(c => c is 250 or 451));
    }

    [Fact]
    public async Task A_rate_of_nothing_lets_everything_through()
    {
        await using var sink = SmtpSink.Start(TestSinks.Failing("MAIL=450", "CONNECT=421") with { Rate = 0, DropAt = SinkPlace.Rcpt });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        (await client.SendMessageAsync("a@client.example", ["b@sink.example"], "\r\nx\r\n"u8.ToArray())).MustBe(250);
    }

    [Fact]
    public async Task The_choices_of_a_connection_do_not_depend_on_what_others_do()
    {
        Assert.Equal(await SecondOfTwoAsync(firstTalks: true), await SecondOfTwoAsync(firstTalks: false));
    }

    [Fact]
    public async Task Connections_choose_differently_from_each_other()
    {
        await using var sink = SmtpSink.Start(Settings(seed: 5));
        await using var first = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        await using var second = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        Assert.NotEqual(await RecipientCodesAsync(first), await RecipientCodesAsync(second));
    }

    [Fact]
    public async Task Without_a_seed_every_sink_takes_its_own()
    {
        await using var one = SmtpSink.Start(TestSinks.OnFreePort with { Seed = null });
        await using var two = SmtpSink.Start(TestSinks.OnFreePort with { Seed = null });
        Assert.NotEqual(one.Seed, two.Seed);
    }

    private static SinkSettings Settings(long seed) => TestSinks.Failing("RCPT=451") with { Rate = 0.3, Seed = seed };

    private static async Task<List<int>> CodesAsync(long seed)
    {
        await using var sink = SmtpSink.Start(Settings(seed));
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        return await RecipientCodesAsync(client);
    }

    private static async Task<List<int>> SecondOfTwoAsync(bool firstTalks)
    {
        await using var sink = SmtpSink.Start(Settings(seed: 9));
        await using var first = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        if (firstTalks)
        {
            await RecipientCodesAsync(first);
        }

        await using var second = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        return await RecipientCodesAsync(second);
    }

    private static async Task<List<int>> RecipientCodesAsync(SmtpTestClient client)
    {
        (await client.CommandAsync("MAIL FROM:<a@client.example>")).MustBe(250);
        var codes = new List<int>(Recipients);
        for (var i = 0; i < Recipients; i++)
        {
            codes.Add((await client.CommandAsync($"RCPT TO:<r{i}@sink.example>")).Code);
        }

        return codes;
    }
}
