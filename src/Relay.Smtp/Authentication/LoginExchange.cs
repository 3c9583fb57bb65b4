namespace Relay.Smtp.Authentication;

/// <summary>LOGIN, which no RFC defines: the name, then the password, each asked for. The name may come with AUTH.</summary>
internal sealed class LoginExchange : SaslExchange
{
    private bool _hasUser;

    /// <inheritdoc/>
    public override SaslMechanism Mechanism => SaslMechanism.Login;

    /// <inheritdoc/>
    public override byte[] FirstChallenge => [.. "Username:"u8];

    /// <inheritdoc/>
    public override SaslStep Take(ReadOnlySpan<byte> response)
    {
        if (response.IsEmpty || !StrictUtf8.TryDecode(response, out var text))
        {
            return SaslStep.Malformed;
        }

        if (!_hasUser)
        {
            _hasUser = true;
            User = UserName.Canonical(text);
            return new SaslStep(SaslOutcome.Challenge, [.. "Password:"u8]);
        }

        Password = response.ToArray();
        return SaslStep.Decide;
    }
}
