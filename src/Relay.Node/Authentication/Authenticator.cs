using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using Relay.Actors.Metrics;
using Relay.Smtp.Authentication;
using Relay.Smtp.Replies;
using Relay.Smtp.Server;

namespace Relay.Node.Authentication;

/// <summary>Decides who a client is: limits first, then the verifier of the user, then the password on a thread for it.</summary>
/// <remarks>What it says to a wrong password and to an unknown user is the same, after the same work.</remarks>
internal sealed class Authenticator
{
    /// <summary>The rule that refusals of logins stand under in the log.</summary>
    public const string Rule = "authentication";

    private const int NonceOctets = 18;

    private static readonly SmtpReply TooManyFailures = new(421, new(4, 7, 0), "Too many failed logins from your address, try again later");
    private static readonly SmtpReply TooBusy = new(454, new(4, 7, 0), "Too many logins at the moment, try again later");

    private readonly UserStore _users;
    private readonly PasswordChecks _checks;
    private readonly LoginLimits _limits;
    private readonly RelayMetrics _metrics;
    private readonly LoginLog _log;
    private readonly TimeProvider _time;

    public Authenticator(UserStore users, PasswordChecks checks, LoginLimits limits, RelayMetrics metrics, LoginLog log, TimeProvider time)
    {
        (_users, _checks, _limits, _metrics, _log, _time) = (users, checks, limits, metrics, log, time);
    }

    /// <summary>What a client is told whose user was removed: it may log in again, as another.</summary>
    public static SmtpReply UserRemoved { get; } = new(421, new(4, 7, 0), "The user you logged in as is there no more");

    /// <summary>False when a user that logged in has been removed since.</summary>
    public bool IsUser(string name) => _users.Contains(name);

    /// <summary>Answers a step of a dialogue.</summary>
    /// <param name="dialogue">The dialogue, at one of the two steps of a login.</param>
    /// <param name="client">The client's address.</param>
    /// <param name="listener">The listener that it came to.</param>
    /// <param name="output">Takes the reply.</param>
    public ValueTask DecideAsync(ServerDialogue dialogue, IPAddress client, string listener, PipeWriter output)
    {
        var attempt = new LoginAttempt(dialogue, dialogue.Claim!, client, listener, output);
        switch (attempt.Claim)
        {
            case { Mechanism: SaslMechanism.External }:
                End(attempt, _users.Contains(attempt.Claim.User));
                return ValueTask.CompletedTask;
            case { Mechanism: SaslMechanism.ScramSha256, Verifier: { } verifier }:
                EndScram(attempt, verifier);
                return ValueTask.CompletedTask;
            case { Mechanism: SaslMechanism.ScramSha256 }:
                return BeginScramAsync(attempt);
            default:
                return CheckPasswordAsync(attempt);
        }
    }

    private async ValueTask BeginScramAsync(LoginAttempt attempt)
    {
        if (await AdmitAsync(attempt).ConfigureAwait(false) is null)
        {
            return;
        }

        var verifier = _users.VerifierFor(attempt.Claim.User, out _);
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceOctets));
        attempt.Dialogue.GiveVerifier(verifier, nonce, attempt.Output);
    }

    private void EndScram(LoginAttempt attempt, ScramVerifier verifier)
    {
        var isGood = attempt.Claim.IsProven && _users.IsCurrent(attempt.Claim.User, verifier);
        if (isGood)
        {
            _limits.TakeBack(attempt.Client, attempt.LimitedUser, isLogin: true);
        }

        End(attempt, isGood);
    }

    private async ValueTask CheckPasswordAsync(LoginAttempt attempt)
    {
        if (await AdmitAsync(attempt).ConfigureAwait(false) is not { } isKnownClient)
        {
            return;
        }

        var (name, verifier) = (attempt.Claim.User, _users.VerifierFor(attempt.Claim.User, out var isUser));
        if (_checks.TryCheck(verifier, attempt.Claim.Password, isKnownClient) is not { } check)
        {
            _limits.TakeBack(attempt.Client, attempt.LimitedUser, isLogin: false);
            Refuse(attempt, TooBusy, LoginResult.Unavailable);
            return;
        }

        // A user that was changed meanwhile is not logged in by the password of before.
        var isGood = await check.ConfigureAwait(false) && isUser && _users.IsCurrent(name, verifier);
        if (isGood)
        {
            _limits.TakeBack(attempt.Client, attempt.LimitedUser, isLogin: true);
        }

        End(attempt, isGood);
    }

    /// <summary>Whether the client is known; null when it was refused.</summary>
    private async ValueTask<bool?> AdmitAsync(LoginAttempt attempt)
    {
        switch (_limits.Begin(attempt.Client, attempt.LimitedUser))
        {
            case LoginAdmission.Refused:
                Refuse(attempt, TooManyFailures, LoginResult.Limited);
                return null;
            case LoginAdmission.Slowed:
                await Task.Delay(LoginLimits.SlowDown, _time).ConfigureAwait(false);
                return false;
            case LoginAdmission.Known:
                return true;
            default:
                return false;
        }
    }

    private void End(LoginAttempt attempt, bool isGood)
    {
        var mechanism = SaslMechanisms.NameOf(attempt.Claim.Mechanism);
        if (isGood)
        {
            _metrics.LoginEnded(LoginResult.Succeeded, attempt.Claim.Mechanism);
            _log.LoggedIn(attempt.Client, attempt.Claim.User, mechanism, attempt.Listener);
            attempt.Dialogue.AcceptAuthentication(attempt.Claim.User, attempt.Output);
        }
        else
        {
            _log.Failed(attempt.Client, attempt.Claim.User, mechanism, attempt.Listener);
            Refuse(attempt, CannedReplies.LoginFailed, LoginResult.Failed);
        }
    }

    private void Refuse(LoginAttempt attempt, SmtpReply reply, LoginResult result)
    {
        CryptographicOperations.ZeroMemory(attempt.Claim.Password.Span);
        _metrics.LoginEnded(result, attempt.Claim.Mechanism);
        attempt.Dialogue.RefuseAuthentication(reply, attempt.Output);
    }

    private readonly record struct LoginAttempt(
        ServerDialogue Dialogue, AuthenticationClaim Claim, IPAddress Client, string Listener, PipeWriter Output)
    {
        /// <summary>The claimed name; null for what can be no user's, and would only fill tables.</summary>
        public string? LimitedUser => UserName.TryParse(Claim.User, out var name) ? name : null;
    }
}
