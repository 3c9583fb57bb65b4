using System.Buffers;
using System.Text;
using Relay.Smtp.Client;

namespace Relay.Smtp.Tests.Client;

/// <summary>
/// Plays the server of a script against a <see cref="ClientDialogue"/>. Lines: <c>C: </c>what the client must say next, octet for octet (a
/// transaction, a body or QUIT is begun when nothing is left of what it said); <c>S: </c>what the server says, a line; <c>R: </c>the same without
/// CRLF; <c>B:</c> begin a transaction that says nothing; <c>T:</c> the TLS handshake that was asked for is done; <c>X:</c> the connection is lost. Before an <c>S:</c> the client must have said no more
/// than the script has. <c>\r \n \0 \e</c> and <c>\xNN</c> stand for octets.
/// </summary>
internal sealed class ScriptedServer
{
    public const string HostName = "relay.test";

    private readonly ClientDialogue _dialogue;
    private readonly Feed _feed;
    private readonly Queue<Mail> _mails;
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly List<IReadOnlyList<RecipientOutcome>> _transactions = [];
    private int _matched;
    private ClientStep _step = ClientStep.NeedInput;
    private Mail? _mail;
    private bool _isOpen;

    private ScriptedServer(Feed feed, IEnumerable<Mail> mails, ClientDialogueOptions options, ClientDemands demands)
    {
        _feed = feed;
        _mails = new Queue<Mail>(mails);
        _dialogue = new ClientDialogue(options, demands);
    }

    /// <summary>Plays the script whole, line by line and byte by byte, and demands the same result.</summary>
    public static PlayResult Play(string script, params Mail[] mails) =>
        Play(script, new ClientDialogueOptions(HostName), mails);

    public static PlayResult Play(string script, ClientDialogueOptions options, params Mail[] mails) =>
        Play(script, options, ClientDemands.Default, mails);

    public static PlayResult Play(string script, ClientDemands demands, params Mail[] mails) =>
        Play(script, new ClientDialogueOptions(HostName), demands, mails);

    private static PlayResult Play(string script, ClientDialogueOptions options, ClientDemands demands, Mail[] mails)
    {
        var whole = new ScriptedServer(Feed.Whole, mails, options, demands).Run(script);
        foreach (var feed in new[] { Feed.ByLine, Feed.ByByte })
        {
            var other = new ScriptedServer(feed, mails, options, demands).Run(script);
            Assert.Equal(whole.Describe(), other.Describe());
        }

        return whole;
    }

    private PlayResult Run(string script)
    {
        var server = new List<byte>();
        foreach (var line in script.Split('\n', StringSplitOptions.RemoveEmptyEntries).Append("E:"))
        {
            var text = line.Length > 3 ? line[3..] : string.Empty;
            switch (line[..2])
            {
                case "S:":
                    server.AddRange([.. Octets(text), (byte)'\r', (byte)'\n']);
                    continue;
                case "R:":
                    server.AddRange(Octets(text));
                    continue;
            }

            Say([.. server]);
            server.Clear();
            switch (line[..2])
            {
                case "C:":
                    Expect([.. Octets(text), (byte)'\r', (byte)'\n']);
                    break;
                case "B:":
                    Act();
                    break;
                case "T:":
                    Assert.Equal(ClientStep.StartTls, _step);
                    _dialogue.TlsStarted(_output);
                    Advance(default);
                    break;
                case "X:":
                    _dialogue.ConnectionLost();
                    Advance(default);
                    break;
                default:
                    Assert.Equal("E:", line);
                    break;
            }
        }

        Assert.Equal(string.Empty, Encoding.Latin1.GetString(_output.WrittenSpan[_matched..]));
        return new PlayResult(
            _transactions,
            _dialogue.Failure,
            _step,
            _dialogue.Stage,
            _dialogue.IsUsable,
            _dialogue.Capabilities,
            Encoding.Latin1.GetString(_output.WrittenSpan));
    }

    private void Expect(byte[] line)
    {
        if (_matched == _output.WrittenCount)
        {
            Act();
        }

        var rest = _output.WrittenSpan[_matched..];
        var said = rest[..Math.Min(rest.Length, line.Length)];
        Assert.Equal(Encoding.Latin1.GetString(line), Encoding.Latin1.GetString(said));
        _matched += line.Length;
    }

    private void Say(byte[] octets)
    {
        if (octets.Length == 0)
        {
            return;
        }

        Assert.Equal(string.Empty, Encoding.Latin1.GetString(_output.WrittenSpan[_matched..]));
        foreach (var piece in Pieces(octets))
        {
            Advance(new ReadOnlySequence<byte>(piece));
        }
    }

    /// <summary>What an owner does when the dialogue asks for it.</summary>
    private void Act()
    {
        if (_step == ClientStep.SendBody)
        {
            foreach (var piece in Pieces(_mail!.Content))
            {
                _dialogue.WriteBody(piece.Span, _output);
            }

            _dialogue.EndBody(_output);
        }
        else if (_step is ClientStep.Ready or ClientStep.TransactionDone && _mails.TryDequeue(out _mail))
        {
            _isOpen = true;
            _dialogue.Begin(_mail.Transaction, _output);
        }
        else
        {
            _dialogue.Quit(_output);
        }

        Advance(default);
    }

    private void Advance(ReadOnlySequence<byte> input)
    {
        do
        {
            _step = _dialogue.Advance(ref input, _output);
            Assert.True(input.IsEmpty);
            if (_isOpen && _step is ClientStep.TransactionDone or ClientStep.Failed && _isOpen)
            {
                _isOpen = false;
                _transactions.Add(_dialogue.Outcomes);
                Assert.Equal(_mail!.Transaction.Envelope.Recipients.Count, _dialogue.Outcomes.Count);
                Assert.DoesNotContain(null, _dialogue.Outcomes);
            }
        }
        while (_step == ClientStep.TransactionDone);
    }

    private IEnumerable<ReadOnlyMemory<byte>> Pieces(ReadOnlyMemory<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            var length = _feed switch
            {
                Feed.Whole => octets.Length,
                Feed.ByLine => octets.Span.IndexOf((byte)'\n') + 1 is > 0 and var end ? end : octets.Length,
                _ => 1,
            };
            yield return octets[..length];
            octets = octets[length..];
        }
    }

    private static byte[] Octets(string text)
    {
        var octets = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                octets.AddRange(Encoding.UTF8.GetBytes(text, i, char.IsSurrogatePair(text, i) ? 2 : 1));
                i += char.IsSurrogatePair(text, i) ? 1 : 0;
                continue;
            }

            i++;
            switch (text[i])
            {
                case 'r':
                    octets.Add((byte)'\r');
                    break;
                case 'n':
                    octets.Add((byte)'\n');
                    break;
                case '0':
                    octets.Add(0);
                    break;
                case 'e':
                    octets.Add(0x1b);
                    break;
                case 'x':
                    octets.Add(Convert.ToByte(text.Substring(i + 1, 2), 16));
                    i += 2;
                    break;
                default:
                    octets.Add((byte)text[i]);
                    break;
            }
        }

        return [.. octets];
    }
}
