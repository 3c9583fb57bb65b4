using System.Text;
using Relay.Node.CommandLine;
using Spectre.Console;

namespace Relay.Node.Tests.CommandLine;

public sealed class TerminalOutputTests
{
    [Fact]
    public void What_is_drawn_comes_out()
    {
        using var writer = new StringWriter();
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new TerminalOutput(writer) }).Write("half way");
        Assert.Equal("half way", writer.ToString());
    }

    [Fact]
    public async Task A_terminal_that_is_closed_does_not_end_what_was_drawn_on_it()
    {
        await using var writer = new ClosedTerminal();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new TerminalOutput(writer), Interactive = InteractionSupport.Yes });
        var done = await console.Progress().StartAsync(context =>
        {
            context.AddTask("baseline").Increment(50);
            context.Refresh();
            return Task.FromResult(7);
        });
        Assert.Equal(7, done);
        Assert.NotEqual(0, writer.Attempts);
    }

    private sealed class ClosedTerminal : TextWriter
    {
        public int Attempts { get; private set; }

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            Attempts++;
            throw new IOException("Input/output error");
        }
    }
}
