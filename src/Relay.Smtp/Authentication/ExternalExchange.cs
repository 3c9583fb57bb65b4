namespace Relay.Smtp.Authentication;

/// <summary>EXTERNAL (RFC 4422 appendix A): the client is whom its certificate names; it may say that name or nothing.</summary>
internal sealed class ExternalExchange : SaslExchange
{
    private readonly string _identity;

    /// <summary>Begins it.</summary>
    /// <param name="identity">Whom the client's verified certificate names.</param>
    public ExternalExchange(string identity)
    {
        _identity = UserName.Canonical(identity);
    }

    /// <inheritdoc/>
    public override SaslMechanism Mechanism => SaslMechanism.External;

    /// <inheritdoc/>
    public override SaslStep Take(ReadOnlySpan<byte> response)
    {
        if (!StrictUtf8.TryDecode(response, out var acting))
        {
            return SaslStep.Malformed;
        }

        User = _identity;
        IsProven = acting.Length == 0 || UserName.Canonical(acting) == _identity;
        return IsProven ? SaslStep.Decide : SaslStep.Refused;
    }
}
