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

    /// <summary>So many are on that no more may fail: it waits for one of them to end.</summary>
    Full,

    /// <summary>It is refused unseen.</summary>
    Refused,
}

/// <summary>How an attempt to log in ended.</summary>
internal enum LoginEnd
{
    /// <summary>The client is who it says.</summary>
    Succeeded,

    /// <summary>It is not.</summary>
    Failed,

    /// <summary>It came to nothing by our fault.</summary>
    Unseen,
}

/// <summary>The user that an attempt is for.</summary>
/// <param name="Name">Its name, which guesses are counted by.</param>
/// <param name="Account">Tells it from another of the same name, and from itself with another password: nobody is known to those.</param>
internal readonly record struct LoginName(string Name, ulong Account);

/// <summary>Limits failed logins across connections, without locking out a user whom others guess at. Of this node. Thread-safe.</summary>
/// <remarks>
/// Every attempt counts when it begins, and is taken back when it succeeds: many at once are not more than one after another. One that is never
/// ended counts as one that is on, and refuses nobody for good. A client that the user has logged in from is judged by that user's failures from
/// there alone, whatever others do.
/// </remarks>
internal sealed class LoginLimits
{
    /// <summary>Failures of one client (an IPv4 address or an IPv6 /64) in <see cref="Window"/>; then it is refused.</summary>
    public const int FailuresPerClientMax = 10;

    /// <summary>Failures of one network (a /24 or a /48) in <see cref="Window"/>, whatever names it tries; then it is refused.</summary>
    public const int FailuresPerNetworkMax = 100;

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

    /// <summary>How long an attempt waits for others from its network to end; then it gets 454 4.7.0.</summary>
    public static readonly TimeSpan WaitTime = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly WindowedCounts<ClientKey> _clients = new(Window, TrackedMax);
    private readonly WindowedCounts<ClientKey> _networks = new(Window, TrackedMax);
    private readonly WindowedCounts<(string User, ClientKey Network)> _usersOfNetworks = new(Window, TrackedMax);
    private readonly WindowedCounts<(string User, ClientKey Client)> _pairs = new(Window, TrackedMax);
    private readonly WindowedCounts<string> _users = new(Window, TrackedMax);
    private readonly WindowedCounts<(LoginName User, ClientKey Client)> _known = new(KnownTime, TrackedMax);
    private readonly Dictionary<ClientKey, TaskCompletionSource> _ends = []; // by network, where somebody waits

    /// <summary>Nobody has failed yet.</summary>
    public LoginLimits(TimeProvider time)
    {
        _time = time;
    }

    /// <summary>An attempt begins.</summary>
    /// <param name="address">The client's address.</param>
    /// <param name="user">Whom it claims to be; null when that can be no user's name.</param>
    public LoginAdmission Begin(IPAddress address, LoginName? user)
    {
        var (client, network, now) = (ClientKey.OfClient(address), ClientKey.OfNetwork(address), _time.GetUtcNow());
        lock (_lock)
        {
            var admission = Judge(client, network, user, now);
            if (admission is not (LoginAdmission.Refused or LoginAdmission.Full))
            {
                _clients.Add(client, now);
                _networks.Add(network, now);
                if (user is { Name: var name })
                {
                    _usersOfNetworks.Add((name, network), now);
                    _pairs.Add((name, client), now);
                    _users.Add(name, now);
                }
            }

            return admission;
        }
    }

    /// <summary>As <see cref="Begin"/>, and waits while the answer is <see cref="LoginAdmission.Full"/>, at the most for <see cref="WaitTime"/>.</summary>
    public async ValueTask<LoginAdmission> BeginAsync(IPAddress address, LoginName? user)
    {
        var admission = Begin(address, user);
        if (admission != LoginAdmission.Full)
        {
            return admission;
        }

        using var patience = new CancellationTokenSource(WaitTime, _time);
        while (true)
        {
            // Taken before the question is asked again: what ends between the two is not missed.
            var end = NextEnd(address);
            admission = Begin(address, user);
            if (admission != LoginAdmission.Full)
            {
                return admission;
            }

            await end.WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (patience.IsCancellationRequested)
            {
                ForgetEnd(address, end);
                return LoginAdmission.Full;
            }
        }
    }

    /// <summary>An attempt that began is over.</summary>
    /// <param name="address">The client's address.</param>
    /// <param name="user">As it was given to <see cref="Begin"/>.</param>
    /// <param name="how">How it ended; one that succeeded makes the client known.</param>
    public void End(IPAddress address, LoginName? user, LoginEnd how)
    {
        var (client, network) = (ClientKey.OfClient(address), ClientKey.OfNetwork(address));
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            Count(_clients, client, how);
            Count(_networks, network, how);
            if (user is { } named)
            {
                Count(_usersOfNetworks, (named.Name, network), how);
                Count(_pairs, (named.Name, client), how);
                Count(_users, named.Name, how);
                if (how == LoginEnd.Succeeded)
                {
                    _known.Renew((named, client), _time.GetUtcNow());
                }
            }

            _ends.Remove(network, out waiting);
        }

        waiting?.SetResult();
    }

    private static void Count<TKey>(WindowedCounts<TKey> counts, TKey key, LoginEnd how)
        where TKey : notnull
    {
        if (how == LoginEnd.Failed)
        {
            counts.Fail(key);
        }
        else
        {
            counts.TakeBack(key);
        }
    }

    private Task NextEnd(IPAddress address)
    {
        var network = ClientKey.OfNetwork(address);
        lock (_lock)
        {
            if (!_ends.TryGetValue(network, out var end))
            {
                end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _ends.Add(network, end);
            }

            return end.Task;
        }
    }

    private void ForgetEnd(IPAddress address, Task end)
    {
        var network = ClientKey.OfNetwork(address);
        TaskCompletionSource? waiting = null;
        lock (_lock)
        {
            if (_ends.TryGetValue(network, out var last) && last.Task == end)
            {
                _ends.Remove(network, out waiting);
            }
        }

        // Whoever else waited for it looks again, and waits for the next one.
        waiting?.SetResult();
    }

    private static LoginAdmission Over(int failures, int failuresMax) =>
        failures >= failuresMax ? LoginAdmission.Refused : LoginAdmission.Full;

    private LoginAdmission Judge(ClientKey client, ClientKey network, LoginName? user, DateTimeOffset now)
    {
        var name = user?.Name;
        if (user is { } named && _known.Of((named, client), now) > 0)
        {
            return _pairs.Of((named.Name, client), now) < FailuresPerClientMax
                ? LoginAdmission.Known
                : Over(_pairs.FailuresOf((named.Name, client)), FailuresPerClientMax);
        }

        if (_clients.Of(client, now) >= FailuresPerClientMax)
        {
            return Over(_clients.FailuresOf(client), FailuresPerClientMax);
        }

        if (_networks.Of(network, now) >= FailuresPerNetworkMax)
        {
            return Over(_networks.FailuresOf(network), FailuresPerNetworkMax);
        }

        if (name is not null && _usersOfNetworks.Of((name, network), now) >= FailuresPerUserAndNetworkMax)
        {
            return Over(_usersOfNetworks.FailuresOf((name, network)), FailuresPerUserAndNetworkMax);
        }

        return name is not null && _users.Of(name, now) >= FailuresPerUserMax ? LoginAdmission.Slowed : LoginAdmission.Admitted;
    }
}
