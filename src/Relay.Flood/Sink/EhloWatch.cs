using System.Buffers;
using System.Text;
using Relay.Smtp.Server;

namespace Relay.Flood.Sink;

/// <summary>Knows, for a connection with a fault or a drop at EHLO, whether the next line is a command, and which.</summary>
internal sealed class EhloWatch
{
    private const int VerbLength = 4;

    /// <summary>The next octets are a command line, not content.</summary>
    public bool IsAtCommand { get; private set; } = true;

    /// <summary>The first whole line of the input, with its line end.</summary>
    public static bool TryFindLine(in ReadOnlySequence<byte> input, out ReadOnlySequence<byte> line)
    {
        var lineFeed = input.PositionOf((byte)'\n');
        line = lineFeed is null ? default : input.Slice(0, input.GetPosition(1, lineFeed.Value));
        return lineFeed is not null;
    }

    public static bool IsEhlo(in ReadOnlySequence<byte> line) => HasVerb(line, "EHLO"u8);

    public static bool IsData(in ReadOnlySequence<byte> line) => HasVerb(line, "DATA"u8);

    /// <summary>Follows the dialogue: every reply but 354 ends in a command, and content begins without a reply.</summary>
    /// <param name="step">What the dialogue said.</param>
    /// <param name="hasReplied">It wrote a reply in this step.</param>
    public void After(DialogueStep step, bool hasReplied) => IsAtCommand = step switch
    {
        DialogueStep.NeedInput => IsAtCommand || hasReplied,
        DialogueStep.BodyBytes or DialogueStep.BodyAbandoned => hasReplied,
        DialogueStep.DecideBody => false,
        _ => true,
    };

    /// <summary>DATA was refused: no content follows.</summary>
    public void BodyRefused() => IsAtCommand = true;

    private static bool HasVerb(in ReadOnlySequence<byte> line, ReadOnlySpan<byte> verb)
    {
        if (line.Length <= VerbLength)
        {
            return false;
        }

        Span<byte> start = stackalloc byte[VerbLength + 1];
        line.Slice(0, VerbLength + 1).CopyTo(start);
        return Ascii.EqualsIgnoreCase(start[..VerbLength], verb) && start[VerbLength] is (byte)' ' or (byte)'\r';
    }
}
