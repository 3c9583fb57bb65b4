using BenchmarkDotNet.Attributes;
using Relay.Smtp.Commands;
using Relay.Smtp.Replies;
using Line = Relay.Smtp.Commands.CommandLine;

namespace Relay.Benchmarks;

/// <summary>What a command line costs.</summary>
[MemoryDiagnoser]
public class ParserBenchmarks
{
    private readonly string _mail = "MAIL FROM:<bounces+user=example.com@lists.sender.example> SIZE=48120 BODY=8BITMIME";
    private readonly string _rcpt = "RCPT TO:<first.last@recipient.example>";

    [Benchmark]
    public SmtpReply? ParseMail() => MailCommand.Parse(Line.Parse(_mail).Argument, takesAuth: false, out _, out _);

    [Benchmark]
    public SmtpReply? ParseRcpt() => RcptCommand.Parse(Line.Parse(_rcpt).Argument, smtpUtf8: false, out _);
}
