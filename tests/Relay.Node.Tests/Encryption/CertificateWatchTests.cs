using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Relay.Node.Encryption;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Encryption;

public sealed class CertificateWatchTests : IDisposable
{
    private readonly CertificateFolder _files = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly LineLog _log = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task What_does_not_change_is_kept()
    {
        using var watch = await StartAsync();
        var before = watch.Current;
        await watch.LookAsync();
        await watch.LookAsync();
        Assert.Same(before, watch.Current);
        Assert.Single(_log.Lines);
    }

    [Fact]
    public async Task A_new_pair_is_taken_with_one_line_that_tells_subject_and_expiry()
    {
        using var watch = await StartAsync();
        using var next = _files.Authority.For("new.relay.example", new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero));
        _files.Write(next);
        await watch.LookAsync();
        await watch.LookAsync();
        Assert.Equal(next.Thumbprint, watch.Current.Certificate.TargetCertificate.Thumbprint);
        Assert.Equal("Information tls: new certificate: certificate \"CN=server\" is in force, expires 2031-02-03 04:05:06Z", _log.Lines[^1]);
        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public async Task The_line_tells_whether_the_certificate_or_the_authorities_of_clients_are_new()
    {
        var authorities = Path.Combine(Path.GetDirectoryName(_files.CertificateFile)!, "clients.pem");
        using var ours = new TestCertificates();
        await File.WriteAllTextAsync(authorities, ours.RootPem);
        var section = _files.Section with { ClientAuthoritiesFile = authorities };
        var files = await TlsFiles.ReadAsync(section, CancellationToken.None);
        using var watch = new CertificateWatch(section, files, TlsMaterial.Of(files), new TlsLog(_log), _time);
        using var others = new TestCertificates();
        await File.WriteAllTextAsync(authorities, others.RootPem);
        await watch.LookAsync();
        Assert.StartsWith("Information tls: new client authorities: certificate ", _log.Lines[^1], StringComparison.Ordinal);
        await File.WriteAllTextAsync(authorities, ours.RootPem + "\n" + others.RootPem);
        using var next = _files.Authority.For("new.relay.example");
        _files.Write(next);
        await watch.LookAsync();
        Assert.StartsWith("Information tls: new certificate and client authorities: certificate ", _log.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_timer_looks()
    {
        using var watch = await StartAsync();
        using var next = _files.Authority.For("new.relay.example");
        _files.Write(next);
        var told = _log.NextAsync();
        _time.Advance(CertificateWatch.PollInterval);
        Assert.Contains("is in force", await told, StringComparison.Ordinal);
        Assert.Equal(next.Thumbprint, watch.Current.Certificate.TargetCertificate.Thumbprint);
    }

    [Fact]
    public async Task Files_that_change_one_after_the_other_make_no_mismatch_and_no_noise()
    {
        using var watch = await StartAsync();
        var before = watch.Current;
        using var next = _files.Authority.For("new.relay.example");
        await File.WriteAllTextAsync(_files.CertificateFile, next.ExportCertificatePem());
        await watch.LookAsync();
        Assert.Same(before, watch.Current);
        await File.WriteAllTextAsync(_files.KeyFile, CertificateFolder.KeyOf(next));
        await watch.LookAsync();
        Assert.Equal(next.Thumbprint, watch.Current.Certificate.TargetCertificate.Thumbprint);
        Assert.DoesNotContain(_log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_stays_unsound_is_told_once_and_the_old_pair_stays_in_force()
    {
        using var watch = await StartAsync();
        var before = watch.Current;
        await File.WriteAllTextAsync(_files.KeyFile, "nonsense");
        for (var i = 0; i < 4; i++)
        {
            await watch.LookAsync();
        }

        Assert.Same(before, watch.Current);
        var warning = Assert.Single(_log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal));
        Assert.Equal(
            $"Warning tls: the files have changed and are not used: {_files.KeyFile}: has no private key (PEM, \"BEGIN PRIVATE KEY\"); \"CN=server\" stays in force",
            warning);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_told_and_changes_nothing()
    {
        using var watch = await StartAsync();
        var before = watch.Current;
        File.Delete(_files.CertificateFile);
        await watch.LookAsync();
        await watch.LookAsync();
        Assert.Same(before, watch.Current);
        Assert.Contains(_log.Lines, line => line.Contains("relay.pem: no such file", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_expired_certificate_does_not_take_the_place_of_one_that_is_valid()
    {
        using var watch = await StartAsync();
        var before = watch.Current;
        using var expired = _files.Authority.For("old.relay.example", new DateTimeOffset(2029, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _files.Write(expired);
        await watch.LookAsync();
        await watch.LookAsync();
        Assert.Same(before, watch.Current);
        Assert.Contains(
            _log.Lines,
            line => line.EndsWith("expired at 2029-01-01 00:00:00Z (a restart would take it all the same); \"CN=server\" stays in force", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_starts_with_an_expired_certificate_and_says_so()
    {
        using var expired = _files.Authority.For("old.relay.example", new DateTimeOffset(2029, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _files.Write(expired);
        using var watch = await StartAsync();
        Assert.StartsWith("Warning tls: the certificate \"CN=server\" expired at 2029-01-01 00:00:00Z", _log.Lines[0], StringComparison.Ordinal);
    }

    private async Task<CertificateWatch> StartAsync()
    {
        var files = await TlsFiles.ReadAsync(_files.Section, CancellationToken.None);
        return new CertificateWatch(_files.Section, files, TlsMaterial.Of(files), new TlsLog(_log), _time);
    }

    private sealed class LineLog : ILogger<TlsLog>
    {
        private readonly Lock _lock = new();
        private readonly List<string> _lines = [];
        private TaskCompletionSource<string>? _next;

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lock)
                {
                    return [.. _lines];
                }
            }
        }

        public Task<string> NextAsync()
        {
            lock (_lock)
            {
                _next = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
                return _next.Task.WaitAsync(TimeSpan.FromSeconds(60));
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lock)
            {
                _lines.Add($"{logLevel} {formatter(state, exception)}");
                _next?.TrySetResult(_lines[^1]);
            }
        }
    }
}
