using Relay.Node.Settings;

namespace Relay.Node.Encryption;

/// <summary>The certificate in force, and its replacement when the files change. Thread-safe.</summary>
/// <remarks>
/// Contents are compared, not times: links that are moved and copies that keep times change them too. Files are written one after another, so
/// what does not fit together is looked at once more before anybody hears of it.
/// </remarks>
internal sealed class CertificateWatch : IDisposable
{
    /// <summary>How often the files are read. Default 10 seconds; a new certificate is in force this late at the most.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(10);

    private readonly ListenerTlsSection _section;
    private readonly TlsLog _log;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private TlsFiles _inForce;
    private string? _problem;
    private bool _isTold;
    private int _isLooking;
    private volatile TlsMaterial _current;

    /// <summary>Begins to watch.</summary>
    /// <param name="section">Names the files.</param>
    /// <param name="files">What they held when the node was put together.</param>
    /// <param name="material">What is made of it.</param>
    /// <param name="log">Gets a line for each change.</param>
    /// <param name="time">The clock.</param>
    public CertificateWatch(ListenerTlsSection section, TlsFiles files, TlsMaterial material, TlsLog log, TimeProvider time)
    {
        _section = section;
        _inForce = files;
        _current = material;
        _log = log;
        _time = time;
        if (material.ProblemAt(time.GetUtcNow().UtcDateTime) is { } problem)
        {
            log.NotValidNow(problem);
        }

        log.InForce(material.Subject, material.NotAfter);
        _timer = time.CreateTimer(static watch => _ = ((CertificateWatch)watch!).LookAsync(), this, PollInterval, PollInterval);
    }

    /// <summary>What the next handshake uses.</summary>
    public TlsMaterial Current => _current;

    /// <summary>Reads the files, and takes what is new and sound.</summary>
    public async Task LookAsync()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) == 1)
        {
            return;
        }

        try
        {
            Judge(await ProblemOfAsync().ConfigureAwait(false));
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    public void Dispose() => _timer.Dispose();

    // Null when what is in force is what the files hold.
    private async Task<string?> ProblemOfAsync()
    {
        try
        {
            var files = await TlsFiles.ReadAsync(_section, CancellationToken.None).ConfigureAwait(false);
            if (files == _inForce)
            {
                return null;
            }

            var material = TlsMaterial.Of(files);
            if (material.ProblemAt(_time.GetUtcNow().UtcDateTime) is { } problem)
            {
                // True of every start: mail that most clients would still send is not to stop.
                return $"{_section.CertificateFile}: {problem} (a restart would take it all the same)";
            }

            var what = WhatChanged(_inForce, files);
            (_inForce, _current) = (files, material);
            _log.Changed(what, material.Subject, material.NotAfter);
            return null;
        }
        catch (TlsFileException e)
        {
            return e.Message;
        }
    }

    private static string WhatChanged(TlsFiles before, TlsFiles now)
    {
        var isPair = before.Certificate != now.Certificate || before.Key != now.Key;
        var isAuthorities = before.ClientAuthorities != now.ClientAuthorities;
        return isPair && isAuthorities ? "certificate and client authorities" : isPair ? "certificate" : "client authorities";
    }

    // The first look may have come between two files that belong together: what is still so at the next one is told, once.
    private void Judge(string? problem)
    {
        if (problem is null || problem != _problem)
        {
            (_problem, _isTold) = (problem, false);
        }
        else if (!_isTold)
        {
            _isTold = true;
            _log.NotUsed(problem, _current.Subject);
        }
    }
}
