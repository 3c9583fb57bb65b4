namespace Relay.Smtp.Authentication;

/// <summary>PLAIN (RFC 4616): <c>[authzid] NUL authcid NUL passwd</c>.</summary>
internal sealed class PlainExchange : SaslExchange
{
    /// <inheritdoc/>
    public override SaslMechanism Mechanism => SaslMechanism.Plain;

    /// <inheritdoc/>
    public override SaslStep Take(ReadOnlySpan<byte> response)
    {
        var first = response.IndexOf((byte)0);
        var second = first < 0 ? -1 : response[(first + 1)..].IndexOf((byte)0);
        if (second < 0
            || !StrictUtf8.TryDecode(response[..first], out var acting)
            || !StrictUtf8.TryDecode(response.Slice(first + 1, second), out var name)
            || response[(first + second + 2)..] is not { IsEmpty: false } password
            || !StrictUtf8.TryDecode(password, out _)
            || name.Length == 0)
        {
            return SaslStep.Malformed;
        }

        User = UserName.Canonical(name);
        if (acting.Length > 0 && UserName.Canonical(acting) != User)
        {
            return SaslStep.Refused;
        }

        Password = password.ToArray();
        return SaslStep.Decide;
    }
}
