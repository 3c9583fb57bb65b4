using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Relay.TestKit;

namespace Relay.Node.Tests.Policies;

/// <summary>
/// Changes the policy through several nodes all the time, whatever becomes of them: what was answered as in force must never be lost, and every
/// answer names all nodes, those that are gone too.
/// </summary>
internal sealed class SteadyChanges : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<long, string> _done = new();
    private readonly CancellationTokenSource _enough = new();
    private readonly string _policy;
    private readonly int _nodes;
    private readonly Task[] _writers;
    private int _number;

    private SteadyChanges(IReadOnlyList<Func<HttpClient>> nodes, string policy)
    {
        _policy = policy;
        _nodes = nodes.Count;
        _writers = [.. nodes.Select(ChangeAsync)];
    }

    /// <summary>Begins.</summary>
    /// <param name="nodes">The API of each node of the cluster, as it is at any time.</param>
    /// <param name="policy">A policy: comments at its end make it another document each time.</param>
    public static SteadyChanges Start(IReadOnlyList<Func<HttpClient>> nodes, string policy) => new(nodes, policy);

    /// <summary>Waits until so many more were answered as in force.</summary>
    public Task MoreAsync(int count = 3)
    {
        var before = _done.Count;
        return Eventually.TrueAsync(
            () => _writers.Any(static writer => writer.IsFaulted) || _done.Count >= before + count,
            () => string.Create(CultureInfo.InvariantCulture, $"{_done.Count} changes after {before}"));
    }

    /// <summary>Ends the changing, and waits until all nodes have the same policy: the last one that was answered as in force, or a later one.</summary>
    public async Task EndAsync(IReadOnlyList<HttpClient> nodes)
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_writers);
        (string Tag, string Text)[] shown = [];
        await Eventually.TrueAsync(
            async () =>
            {
                shown = await Task.WhenAll(nodes.Select(ShowAsync));
                return shown.Distinct().Count() == 1 && VersionOf(shown[0].Tag) >= _done.Keys.Max();
            },
            () => $"{string.Join(' ', shown.Select(static one => one.Tag))}, answered up to {_done.Keys.Max()}");

        // A version that was given back would be there again with another document.
        var checkedCount = 0;
        foreach (var node in nodes)
        {
            foreach (var (version, document) in _done)
            {
                using var kept = await node.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"/api/policy/history/{version}"), UriKind.Relative));
                if (kept.StatusCode == HttpStatusCode.OK)
                {
                    Assert.Equal(document, await kept.Content.ReadAsStringAsync());
                    checkedCount++;
                }
            }
        }

        Assert.InRange(checkedCount, Math.Min(_done.Count, 50), int.MaxValue);
    }

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_writers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _enough.Dispose();
    }

    private async Task ChangeAsync(Func<HttpClient> node)
    {
        using var pace = new PeriodicTimer(Pause);
        while (!_enough.IsCancellationRequested)
        {
            try
            {
                var (tag, _) = await ShowAsync(node());
                var document = string.Create(CultureInfo.InvariantCulture, $"{_policy}\n// change {Interlocked.Increment(ref _number)}\n");
                using var request = new HttpRequestMessage(HttpMethod.Put, "/api/policy") { Content = new StringContent(document, Encoding.UTF8, "application/json") };
                request.Headers.TryAddWithoutValidation("If-Match", tag);
                using var response = await node().SendAsync(request);
                if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted)
                {
                    using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
                    var version = answer.RootElement.GetProperty("version").GetInt64();
                    Assert.True(_done.TryAdd(version, document), $"version {version} was answered to two changes");
                    Assert.Equal(_nodes, answer.RootElement.GetProperty("nodes").GetArrayLength());
                }
                else
                {
                    Assert.True(
                        response.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.ServiceUnavailable,
                        $"{response.StatusCode} {await response.Content.ReadAsStringAsync()}");
                }
            }
            catch (Exception gone) when (gone is HttpRequestException or TaskCanceledException or ObjectDisposedException)
            {
                // It died, or fell asleep, in the middle of a change: that is in doubt, and may be in force or not.
            }

            await pace.WaitForNextTickAsync();
        }
    }

    private static async Task<(string Tag, string Text)> ShowAsync(HttpClient node)
    {
        using var shown = await node.GetAsync(new Uri("/api/policy", UriKind.Relative));
        return (shown.Headers.ETag!.Tag, await shown.Content.ReadAsStringAsync());
    }

    private static long VersionOf(string tag) => long.Parse(tag.Trim('"'), CultureInfo.InvariantCulture);
}
