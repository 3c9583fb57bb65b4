using System.Text;
using Spectre.Console;

namespace Relay.Node.CommandLine;

/// <summary>A terminal for what is only there to be looked at: when it is closed meanwhile this is lost, and nothing else is.</summary>
internal sealed class TerminalOutput : IAnsiConsoleOutput
{
    private readonly AnsiConsoleOutput _output;

    /// <param name="writer">The terminal's.</param>
    public TerminalOutput(TextWriter writer)
    {
        _output = new AnsiConsoleOutput(writer);
        Writer = new LossyWriter(writer);
    }

    public TextWriter Writer { get; }

    public bool IsTerminal => _output.IsTerminal;

    public int Width => _output.Width;

    public int Height => _output.Height;

    public void SetEncoding(Encoding encoding) => _output.SetEncoding(encoding);

    private sealed class LossyWriter(TextWriter writer) : TextWriter
    {
        public override Encoding Encoding => writer.Encoding;

        public override void Write(char value) => Try(() => writer.Write(value));

        public override void Write(string? value) => Try(() => writer.Write(value));

        public override void Write(char[] buffer, int index, int count) => Try(() => writer.Write(buffer, index, count));

        public override void Flush() => Try(writer.Flush);

        private static void Try(Action write)
        {
            try
            {
                write();
            }
            catch (IOException)
            {
                // Nobody looks any more.
            }
        }
    }
}
