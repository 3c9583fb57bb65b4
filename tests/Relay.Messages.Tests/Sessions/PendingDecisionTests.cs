using Akka.Actor;
using Relay.Messages.Sessions;
using Relay.Smtp.Replies;

namespace Relay.Messages.Tests.Sessions;

public sealed class PendingDecisionTests
{
    private static readonly MailRefused Answer = new(ActorRefs.Nobody, new SmtpReply(450, new(4, 7, 1), "no"), "rule");

    [Fact]
    public async Task An_answer_reaches_its_asker_again_and_again()
    {
        var pending = new PendingDecision();
        for (var i = 0; i < 3; i++)
        {
            var asked = pending.Ask();
            Assert.False(asked.IsCompleted);
            Assert.True(pending.TryAnswer(Answer));
            Assert.Same(Answer, await asked);
        }
    }

    [Fact]
    public async Task An_answer_after_the_asker_has_given_up_is_not_taken()
    {
        var pending = new PendingDecision();
        var asked = pending.Ask().AsTask();
        pending.Abandon(new TimeoutException());
        Assert.False(pending.TryAnswer(Answer));
        await Assert.ThrowsAsync<TimeoutException>(() => asked);
    }

    [Fact]
    public async Task A_second_question_before_the_answer_is_a_defect()
    {
        var pending = new PendingDecision();
        var open = pending.Ask().AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(() => pending.Ask().AsTask());
        Assert.False(open.IsCompleted);
    }

    [Fact]
    public void An_answer_that_nobody_asked_for_is_not_taken() => Assert.False(new PendingDecision().TryAnswer(Answer));
}
