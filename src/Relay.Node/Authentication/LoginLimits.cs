using System.Net;
using Relay.Node.Listeners;

namespace Relay.Node.Authentication;

/// <summary>What becomes of an attempt to log in before its password is looked at.</summary>
internal enum LoginAdmission
{
    /// <summary>It is checked.</summary>
    Admitted,

    /// <summary>It is checked before others: the user has logged in from this client lately.</summary>
    Known,

    /// <summary>It is checked after <see cref="LoginLimits.SlowDown"/>: somebody tries this user's password from many places.</summary>
    Slowed,

    /// <summary>It is refused unseen.</summary>
    Refused,
}

/// <summary>Limits failed logins across connections, without locking out a user whom others guess at. Of this node. Thread-safe.</summary>
/// <remarks>
/// Every attempt counts when it begins, and is taken back when it succeeds: many at once are not more than one after another. A client that the
/// user has logged in from is judged by that user's failures from there alone, whatever others do.
/// </remarks>
internal sealed class LoginLimits
{
    /// <summary>Failures of one client (an IPv4 address or an IPv6 /64) in <see cref="Window"/>; then it is refused.</summary>
    public const int FailuresPerClientMax = 10;

    /// <summary>Failures for one user from one network (a /24 or a /48) in <see cref="Window"/>; then they are refused.</summary>
    public const int FailuresPerUserAndNetworkMax = 20;

    /// <summary>Failures for one user from everywhere in <see cref="Window"/>; then attempts from new clients are slowed.</summary>
    public const int FailuresPerUserMax = 30;

    /// <summary>Keys remembered of each kind; the oldest gives way.</summary>
    public const int TrackedMax = 30_000;

    /// <summary>How long a failure counts at the most.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    /// <summary>How long a client is known after a login from there; a later one renews it once half of the time is over.</summary>
    public static readonly TimeSpan KnownTime = TimeSpan.FromDays(7);

    /// <summary>How long a slowed attempt waits for its answer.</summary>
    public static readonly TimeSpan SlowDown = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly WindowedCounts<ClientKey> _clients = new(Window, TrackedMax);
    private readonly WindowedCounts<(string User, ClientKey Network)> _networks = new(Window, TrackedMax);
    private readonly WindowedCounts<(string User, ClientKey Client)> _pairs = new(Window, TrackedMax);
    private readonly WindowedCounts<string> _users = new(Window, TrackedMax);
    private readonly WindowedCounts<(string User, ClientKey Client)> _known = new(KnownTime, TrackedMax);

    /// <summary>Nobody has failed yet.</summary>
    public LoginLimits(TimeProvider time)
    {
        _time = time;
    }

    /// <summary>An attempt begins.</summary>
    /// <param name="address">The client's address.</param>
    /// <param name="user">The name that it claims; null when that can be no user's.</param>
    public LoginAdmission Begin(IPAddress address, string? user)
    {
        var (client, network, now) = (ClientKey.OfClient(address), ClientKey.OfNetwork(address), _time.GetUtcNow());
        lock (_lock)
        {
            var admission = Judge(client, network, user, now);
            if (admission != LoginAdmission.Refused)
            {
                _clients.Add(client, now);
                if (user is not null)
                {
                    _networks.Add((user, network), now);
                    _pairs.Add((user, client), now);
                    _users.Add(user, now);
                }
            }

            return admission;
        }
    }

    /// <summary>An attempt that began has succeeded, or came to nothing by our fault.</summary>
    /// <param name="address">The client's address.</param>
    /// <param name="user">As it was given to <see cref="Begin"/>.</param>
    /// <param name="isLogin">True when it succeeded: the client is known now.</param>
    public void TakeBack(IPAddress address, string? user, bool isLogin)
    {
        var (client, network) = (ClientKey.OfClient(address), ClientKey.OfNetwork(address));
        lock (_lock)
        {
            _clients.TakeBack(client);
            if (user is null)
            {
                return;
            }

            _networks.TakeBack((user, network));
            _pairs.TakeBack((user, client));
            _users.TakeBack(user);
            if (isLogin)
            {
                _known.Renew((user, client), _time.GetUtcNow());
            }
        }
    }

    private LoginAdmission Judge(ClientKey client, ClientKey network, string? user, DateTimeOffset now)
    {
        if (user is not null && _known.Of((user, client), now) > 0)
        {
            return _pairs.Of((user, client), now) < FailuresPerClientMax ? LoginAdmission.Known : LoginAdmission.Refused;
        }

        if (_clients.Of(client, now) >= FailuresPerClientMax
            || (user is not null && _networks.Of((user, network), now) >= FailuresPerUserAndNetworkMax))
        {
            return LoginAdmission.Refused;
        }

        return user is not null && _users.Of(user, now) >= FailuresPerUserMax ? LoginAdmission.Slowed : LoginAdmission.Admitted;
    }
}
