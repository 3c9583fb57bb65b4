using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using Relay.Actors.Metrics;
using Relay.Node.Listeners;
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
    private static readonly SmtpReply TooManyAtOnce = new(454, new(4, 7, 0), "Too many logins from your address at once, try again later");
    private static readonly SmtpReply TooBusy = new(454, new(4, 7, 0), "Too many logins at the moment, try again later");

    private static readonly SmtpReply NotKnownYet = new(454, new(4, 7, 0), "It is not known here yet who may log in, try again later");

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

    /// <summary>What a client is told whose user was removed or changed: it may log in again.</summary>
    public static SmtpReply LoginOver { get; } = new(421, new(4, 7, 0), "The user you logged in as is there no more, or has another password: log in again");

    /// <summary>False when the user of a login has been removed or changed since, also when there is one of its name again.</summary>
    public bool Holds(AcceptedLogin login) => _users.IsCurrent(login.User, login.Verifier);

    /// <summary>Answers a step of a dialogue.</summary>
    /// <param name="dialogue">The dialogue, at one of the two steps of a login.</param>
    /// <param name="client">The client's address.</param>
    /// <param name="listener">The listener that it came to.</param>
    /// <param name="output">Takes the reply.</param>
    /// <returns>The login, when this step was the last of one that succeeded.</returns>
    public ValueTask<AcceptedLogin?> DecideAsync(ServerDialogue dialogue, IPAddress client, string listener, PipeWriter output)
    {
        var attempt = new LoginAttempt(dialogue, dialogue.Claim!, client, listener, output, _users.AccountOf(dialogue.Claim!.User));
        if (_users.IsProvisional)
        {
            Refuse(attempt, NotKnownYet, LoginResult.Unavailable);
            return ValueTask.FromResult<AcceptedLogin?>(null);
        }

        switch (attempt.Claim)
        {
            case { Mechanism: SaslMechanism.External }:
                var known = _users.VerifierFor(attempt.Claim.User, out var isUser);
                return ValueTask.FromResult(End(attempt, isUser, known));
            case { Mechanism: SaslMechanism.ScramSha256, Verifier: { } verifier }:
                return ValueTask.FromResult(EndScram(attempt, verifier));
            case { Mechanism: SaslMechanism.ScramSha256 }:
                return BeginScramAsync(attempt);
            default:
                return CheckPasswordAsync(attempt);
        }
    }

    private async ValueTask<AcceptedLogin?> BeginScramAsync(LoginAttempt attempt)
    {
        if (await AdmitAsync(attempt).ConfigureAwait(false) is null)
        {
            return null;
        }

        var verifier = _users.VerifierFor(attempt.Claim.User, out _);
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceOctets));
        attempt.Dialogue.GiveVerifier(verifier, nonce, attempt.Output);
        return null;
    }

    private AcceptedLogin? EndScram(LoginAttempt attempt, ScramVerifier verifier)
    {
        var isGood = attempt.Claim.IsProven && _users.IsCurrent(attempt.Claim.User, verifier);
        _limits.End(attempt.Client, attempt.LimitedUser, isGood ? LoginEnd.Succeeded : LoginEnd.Failed);
        return End(attempt, isGood, verifier);
    }

    private async ValueTask<AcceptedLogin?> CheckPasswordAsync(LoginAttempt attempt)
    {
        if (await AdmitAsync(attempt).ConfigureAwait(false) is not { } isKnownClient)
        {
            return null;
        }

        var (name, verifier) = (attempt.Claim.User, _users.VerifierFor(attempt.Claim.User, out var isUser));
        var owner = PasswordOwner.Of(name, ClientKey.OfNetwork(attempt.Client), isKnownClient);
        var finding = await _checks.CheckAsync(verifier, attempt.Claim.Password, owner).ConfigureAwait(false);
        if (finding == PasswordFinding.NoPlace)
        {
            _limits.End(attempt.Client, attempt.LimitedUser, LoginEnd.Unseen);
            Refuse(attempt, TooBusy, LoginResult.Unavailable);
            return null;
        }

        // A user that was changed meanwhile is not logged in by the password of before.
        var isGood = finding == PasswordFinding.Fits && isUser && _users.IsCurrent(name, verifier);
        _limits.End(attempt.Client, attempt.LimitedUser, isGood ? LoginEnd.Succeeded : LoginEnd.Failed);
        return End(attempt, isGood, verifier);
    }

    /// <summary>Whether the client is known; null when it was refused.</summary>
    private async ValueTask<bool?> AdmitAsync(LoginAttempt attempt)
    {
        switch (await _limits.BeginAsync(attempt.Client, attempt.LimitedUser).ConfigureAwait(false))
        {
            case LoginAdmission.Refused:
                Refuse(attempt, TooManyFailures, LoginResult.Limited);
                return null;
            case LoginAdmission.Full:
                Refuse(attempt, TooManyAtOnce, LoginResult.Unavailable);
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

    private AcceptedLogin? End(LoginAttempt attempt, bool isGood, ScramVerifier verifier)
    {
        if (!isGood)
        {
            Refuse(attempt, CannedReplies.LoginFailed, LoginResult.Failed);
            return null;
        }

        var (user, mechanism) = (attempt.Claim.User, attempt.Claim.Mechanism);
        _metrics.LoginEnded(LoginResult.Succeeded, mechanism);
        var name = SaslMechanisms.NameOf(mechanism);
        _log.LoggedIn(attempt.Client, user, name, attempt.Listener);
        attempt.Dialogue.AcceptAuthentication(user, attempt.Output);
        return new AcceptedLogin(user, verifier);
    }

    private void Refuse(LoginAttempt attempt, SmtpReply reply, LoginResult result)
    {
        CryptographicOperations.ZeroMemory(attempt.Claim.Password.Span);
        _metrics.LoginEnded(result, attempt.Claim.Mechanism);
        attempt.Dialogue.RefuseAuthentication(reply, attempt.Output);
    }

    private readonly record struct LoginAttempt(
        ServerDialogue Dialogue, AuthenticationClaim Claim, IPAddress Client, string Listener, PipeWriter Output, ulong Account)
    {
        /// <summary>Whom the client claims to be; null for what can be no user's name, and would only fill tables.</summary>
        public LoginName? LimitedUser => UserName.TryParse(Claim.User, out var name) ? new(name, Account) : null;
    }
}

/// <summary>A login that succeeded.</summary>
/// <param name="User">The user's name.</param>
/// <param name="Verifier">What the user had then: whoever has another now is somebody else, or wants the login of before to end.</param>
internal sealed record AcceptedLogin(string User, ScramVerifier Verifier);
