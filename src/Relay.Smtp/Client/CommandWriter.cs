using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Relay.Smtp.Envelopes;

namespace Relay.Smtp.Client;

/// <summary>Writes the commands of a client with the parameters that the next hop offered.</summary>
internal static class CommandWriter
{
    private const int NumberOctetsMax = 20;

    private static readonly SearchValues<char> ParameterCharacters = SearchValues.Create(
        "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>EHLO, HELO or LHLO with our name.</summary>
    public static void Greet(ReadOnlySpan<byte> verb, string hostName, IBufferWriter<byte> output)
    {
        output.Write(verb);
        Write(hostName, output);
        output.Write("\r\n"u8);
    }

    /// <summary>SMTPUTF8 goes on when it came, and when an address needs it.</summary>
    public static bool UsesUtf8(ClientTransaction transaction, ServerCapabilities peer)
    {
        if (!peer.HasSmtpUtf8)
        {
            return false;
        }

        return transaction.Envelope.Parameters.SmtpUtf8 || transaction.Envelope.Sender.IsUtf8 || HasUtf8Recipient(transaction);
    }

    /// <summary>MAIL FROM with SIZE, BODY, SMTPUTF8, RET and ENVID as offered and needed.</summary>
    public static void Mail(ClientTransaction transaction, ServerCapabilities peer, bool usesUtf8, IBufferWriter<byte> output)
    {
        var envelope = transaction.Envelope;
        output.Write("MAIL FROM:<"u8);
        Write(envelope.Sender.Text, output);
        output.Write(">"u8);
        if (peer.HasSize && !transaction.IsProbe)
        {
            output.Write(" SIZE="u8);
            Write(transaction.Size, output);
        }

        if (peer.Has8BitMime && (transaction.Has8Bit || envelope.Parameters.Body == BodyType.EightBitMime))
        {
            output.Write(" BODY=8BITMIME"u8);
        }

        if (usesUtf8)
        {
            output.Write(" SMTPUTF8"u8);
        }

        if (peer.HasDsn)
        {
            WriteDsn(envelope.Parameters, output);
        }

        output.Write("\r\n"u8);
    }

    /// <summary>RCPT TO with NOTIFY and ORCPT when DSN is offered.</summary>
    public static void Recipient(EnvelopeRecipient recipient, ServerCapabilities peer, bool usesUtf8, IBufferWriter<byte> output)
    {
        output.Write("RCPT TO:<"u8);
        Write(recipient.Path.Text, output);
        output.Write(">"u8);
        if (peer.HasDsn)
        {
            WriteNotify(recipient.Notify, output);
            if (recipient.OriginalRecipient is { } original && IsParameter(original, usesUtf8))
            {
                output.Write(" ORCPT="u8);
                Write(original, output);
            }
        }

        output.Write("\r\n"u8);
    }

    /// <summary>BDAT with the whole content as its only chunk (RFC 3030).</summary>
    public static void Chunk(long size, IBufferWriter<byte> output)
    {
        output.Write("BDAT "u8);
        Write(size, output);
        output.Write(" LAST\r\n"u8);
    }

    private static bool HasUtf8Recipient(ClientTransaction transaction)
    {
        var recipients = transaction.Envelope.Recipients;
        for (var i = 0; i < recipients.Count; i++)
        {
            if (recipients[i].Path.IsUtf8)
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteDsn(MailParameters parameters, IBufferWriter<byte> output)
    {
        if (parameters.Return != DsnReturn.Unspecified)
        {
            output.Write(parameters.Return == DsnReturn.Full ? " RET=FULL"u8 : " RET=HDRS"u8);
        }

        if (parameters.EnvelopeId is { } id && IsParameter(id, isUtf8: false))
        {
            output.Write(" ENVID="u8);
            Write(id, output);
        }
    }

    private static void WriteNotify(DsnNotify notify, IBufferWriter<byte> output)
    {
        if (notify == DsnNotify.Unspecified)
        {
            return;
        }

        if (notify.HasFlag(DsnNotify.Never))
        {
            output.Write(" NOTIFY=NEVER"u8);
            return;
        }

        var opening = " NOTIFY="u8;
        WriteNotify(notify, DsnNotify.Success, "SUCCESS"u8, ref opening, output);
        WriteNotify(notify, DsnNotify.Failure, "FAILURE"u8, ref opening, output);
        WriteNotify(notify, DsnNotify.Delay, "DELAY"u8, ref opening, output);
    }

    private static void WriteNotify(
        DsnNotify notify, DsnNotify flag, ReadOnlySpan<byte> name, ref ReadOnlySpan<byte> opening, IBufferWriter<byte> output)
    {
        if (notify.HasFlag(flag))
        {
            output.Write(opening);
            output.Write(name);
            opening = ","u8;
        }
    }

    /// <summary>A parameter that was sound when it came and is not now is left out: it must not end the line, and the mail can do without.</summary>
    private static bool IsParameter(string value, bool isUtf8)
    {
        if (value.Length == 0)
        {
            return false;
        }

        foreach (var character in value)
        {
            if (!ParameterCharacters.Contains(character) && !(isUtf8 && character > '\u009f'))
            {
                return false;
            }
        }

        return true;
    }

    private static void Write(string text, IBufferWriter<byte> output) => Encoding.UTF8.GetBytes(text, output);

    private static void Write(long number, IBufferWriter<byte> output)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(NumberOctetsMax), out var length);
        output.Advance(length);
    }
}
