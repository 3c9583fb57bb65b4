using Relay.Messages.Destinations;
using Relay.Messages.Stored;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Actors.Tests.Queues;

/// <summary>Domains that are served by MX: asked for once, grouped by site, moved when the records or the policy change.</summary>
public sealed class SiteTests
{
    private const string ByMx = """{ "relay": { "networks": ["127.0.0.0/8"] } }""";
    private static readonly DestinationKey Site = DestinationKey.ForSite([new MailExchanger(10, "mx1.site.example"), new MailExchanger(20, "mx2.site.example")]);
    private static readonly RecipientOutcome NoAnswer = new(OutcomeKind.Deferred, ClientStage.Connect, new SmtpReply(451, new(4, 4, 3), "no answer"));
    private static readonly RecipientOutcome NoDomain = new(OutcomeKind.Bounced, ClientStage.Connect, new SmtpReply(550, new(5, 1, 2), "no such domain"));

    private readonly TestQueue _queue = new(ByMx);

    [Fact]
    public void A_domain_is_asked_for_once_and_its_mail_goes_to_its_site_when_that_is_known()
    {
        _queue.Admit("a@one.example");
        _queue.Admit("b@one.example");
        Assert.Equal(["one.example"], _queue.Lookups);
        Assert.Empty(_queue.Announced);
        _queue.Resolve("one.example", Site);
        Assert.Equal(["mx1.site.example,mx2.site.example"], _queue.Announced);
        Assert.Equal(2, _queue.Pull(Site).Length);
        _queue.Admit("c@one.example");
        Assert.Single(_queue.Lookups);
        Assert.Single(_queue.Pull(Site));
    }

    [Fact]
    public void Reports_and_domains_that_gave_no_answer_let_new_mail_go_first()
    {
        _queue.AdmitFrom("", "report@one.example");
        _queue.AdmitFrom("", "another@one.example");
        _queue.Admit("new@one.example");
        _queue.Admit("newer@one.example");
        Assert.Equal([("", true), ("from@x.example", false)], _queue.Questions.Select(static question => (question.Sender, question.MayWait)));

        // Both are answered by one look-up, and the second answer says nothing new.
        _queue.Resolve("one.example", null, NoAnswer);
        _queue.Resolve("one.example", Site);
        Assert.Empty(_queue.Announced);
        _queue.Admit("last@one.example");
        _queue.Pass(TimeSpan.FromMinutes(1));
        Assert.True(_queue.Questions[^1].MayWait);
        Assert.Equal(3, _queue.Questions.Count);
    }

    [Fact]
    public void Domains_with_the_same_exchangers_share_a_destination()
    {
        _queue.Admit("a@one.example");
        _queue.Admit("b@two.example");
        _queue.Resolve("one.example", Site);
        _queue.Resolve("two.example", DestinationKey.ForSite(Site.Exchangers.Reverse()));
        Assert.Equal(2, _queue.Pull(Site).Length);
        Assert.Single(_queue.State.Routes.Sites);
    }

    [Fact]
    public void Trouble_with_name_servers_keeps_the_mail_and_is_shown()
    {
        var id = _queue.Admit("a@one.example");
        _queue.Resolve("one.example", null, NoAnswer);
        Assert.Equal("451 4.4.3 no answer", _queue.View(id).Recipients[0].Progress.Last!.Reply.ToString());
        _queue.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(["one.example", "one.example"], _queue.Lookups);
        _queue.Resolve("one.example", Site);
        Assert.Equal(id, Assert.Single(_queue.Pull(Site)).Id);
        Assert.Equal(0, _queue.Saves);
    }

    [Fact]
    public void A_domain_that_takes_no_mail_fails_what_waits_for_it()
    {
        var id = _queue.Admit("a@one.example");
        _queue.Resolve("one.example", null, NoDomain);
        var report = Assert.Single(_queue.MakeReports());
        Assert.Equal((ReportKind.Failed, "550 5.1.2 no such domain"), (report.Kind, report.Progress[0].Last!.Reply.ToString()));
        Assert.Equal([id], _queue.Removed);
        _queue.Admit("b@one.example");
        Assert.Single(_queue.Lookups); // the answer is young
        Assert.Empty(_queue.Owed);
    }

    [Fact]
    public void Old_answers_are_asked_for_again_while_mail_goes_on_to_the_known_site()
    {
        _queue.Admit("a@one.example");
        _queue.Resolve("one.example", Site, validFor: TimeSpan.FromMinutes(1));
        _queue.Pull(Site);
        _queue.Pass(TimeSpan.FromMinutes(1));
        _queue.Admit("b@one.example");
        Assert.Equal(2, _queue.Lookups.Count);
        Assert.Single(_queue.Pull(Site));
        _queue.Resolve("one.example", null, NoAnswer);
        _queue.Admit("c@one.example");
        Assert.Single(_queue.Pull(Site));
    }

    [Fact]
    public void Mail_for_a_dead_host_moves_when_the_records_name_another()
    {
        var id = _queue.Admit("a@one.example");
        _queue.Resolve("one.example", Site, validFor: TimeSpan.FromMinutes(1));
        var items = _queue.Pull(Site);
        _queue.Pass(TimeSpan.FromMinutes(2));
        _queue.FailSite(Site, items);
        Assert.Equal(2, _queue.Lookups.Count);
        var moved = DestinationKey.ForSite([new MailExchanger(10, "new.site.example")]);
        _queue.Resolve("one.example", moved);
        Assert.Equal(id, Assert.Single(_queue.Pull(moved)).Id);
        Assert.DoesNotContain(_queue.State.Routes.Sites, static site => site.Key.Equals(Site));
    }

    [Fact]
    public void A_new_policy_routes_waiting_mail_anew()
    {
        var queue = new TestQueue();
        queue.Admit("a@one.example");
        queue.FailSite(TestQueue.Route("one.example"), queue.Pull("one.example"));
        queue.Use("""{ "routes": [ { "domain": "*", "to": "smtp://other.example:25" } ] }""");
        queue.Pass(TimeSpan.FromMinutes(1));
        queue.Finish(Assert.Single(queue.Pull("other.example")), OutcomeKind.Delivered);
        Assert.Empty(queue.Pull("one.example"));

        queue.Admit("b@two.example");
        queue.Use(ByMx);
        queue.Pass(TimeSpan.FromMinutes(1));
        queue.Admit("c@two.example");
        Assert.Equal(["two.example"], queue.Lookups);
        Assert.Empty(queue.Pull("other.example")); // the policy does not name it any more
        queue.Resolve("two.example", Site);
        Assert.Equal(2, queue.Pull(Site).Length);
    }

    [Fact]
    public void Ten_thousand_idle_domains_are_remembered_and_no_more()
    {
        var queue = new TestQueue(ByMx, new() { IdleLanesMax = 100 });
        for (var i = 0; i < 300; i++)
        {
            queue.Admit($"a@d{i}.example");
            queue.Resolve($"d{i}.example", Site);
            queue.Finish(Assert.Single(queue.Pull(Site)), OutcomeKind.Delivered);
        }

        Assert.Equal(100, Assert.Single(queue.State.Routes.Sites).Lanes.Count);
    }
}
