using System.Globalization;

namespace Relay.TestKit.Smtp;

/// <summary>A reply as it came over the wire.</summary>
/// <param name="Code">Its three digits.</param>
/// <param name="Lines">Its lines without the code and the mark behind it.</param>
public sealed record TestReply(int Code, IReadOnlyList<string> Lines)
{
    /// <summary>The text of all lines in one, the enhanced status included.</summary>
    public string Text => string.Join('\n', Lines);

    /// <summary>Reads the lines of one reply strictly: the same code on every line, a hyphen on all but the last.</summary>
    /// <exception cref="InvalidDataException">They are not one reply (RFC 5321 section 4.2.1).</exception>
    public static TestReply Parse(IReadOnlyList<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var code = 0;
        var texts = new List<string>(lines.Count);
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i];
            var mark = i == lines.Count - 1 ? ' ' : '-';
            if (line.Length < 3
                || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var lineCode)
                || (i > 0 && lineCode != code)
                || (line.Length > 3 && line[3] != mark))
            {
                throw new InvalidDataException($"Not a reply line: \"{line}\"");
            }

            code = lineCode;
            texts.Add(line.Length > 3 ? line[4..] : string.Empty);
        }

        return new TestReply(code, texts);
    }

    /// <summary>Ends the test when the code is another.</summary>
    /// <returns>This reply.</returns>
    public TestReply MustBe(int code) =>
        Code == code ? this : throw new InvalidDataException($"Expected {code} but the server said {this}");

    /// <inheritdoc/>
    public override string ToString() => $"{Code} {Text}";
}
