using Relay.Messages.Intake;

namespace Relay.Actors.Intake;

/// <summary>Room that the ledger holds for one mail.</summary>
internal sealed class SpaceHold(IntakeLedger ledger, SpoolShare share, long bytes, TimeSpan since) : ISpaceHold
{
    private readonly Lock _lock = new();
    private long _bytes = bytes;
    private long _arrived;
    private bool _isReleased;
    private volatile bool _isWhole;
    private volatile bool _mustGiveWay;

    /// <inheritdoc/>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <inheritdoc/>
    public bool MustGiveWay => _mustGiveWay;

    /// <summary>Whose it is.</summary>
    public SpoolShare Share => share;

    /// <summary>False once the mail has come whole, or has to give way already.</summary>
    public bool MayGiveWay => !_isWhole && !_mustGiveWay;

    /// <inheritdoc/>
    public void Arrived(long bytes) => Volatile.Write(ref _arrived, bytes);

    /// <inheritdoc/>
    public SpaceRefusal? GrowTo(long bytes, long spare = 0)
    {
        lock (_lock)
        {
            if (_isReleased || bytes <= _bytes)
            {
                return null;
            }

            if (spare > 0 && ledger.TryGrow(share, _bytes, bytes + spare) == Admission.Granted)
            {
                _bytes = bytes + spare;
                return null;
            }

            if (ledger.TryGrow(share, _bytes, bytes) is var admission && admission != Admission.Granted)
            {
                return new SpaceRefusal(ledger.Refuse(admission), Admissions.NameOf(admission));
            }

            _bytes = bytes;
            return null;
        }
    }

    /// <inheritdoc/>
    public void ShrinkTo(long bytes)
    {
        _isWhole = true;
        lock (_lock)
        {
            var spare = _bytes - bytes;
            if (_isReleased || spare <= 0)
            {
                return;
            }

            _bytes = bytes;
            ledger.Shrink(share, spare);
        }
    }

    /// <inheritdoc/>
    public void Release()
    {
        lock (_lock)
        {
            if (_isReleased)
            {
                return;
            }

            _isReleased = true;
        }

        ledger.Release(this);
    }

    /// <summary>How long it takes to use what is held, at the pace so far.</summary>
    public TimeSpan TimeAt(TimeSpan now) => (now - since) * ((double)Bytes / Math.Clamp(Volatile.Read(ref _arrived), 1, Math.Max(Bytes, 1)));

    /// <summary>How long it has been held.</summary>
    public TimeSpan Age(TimeSpan now) => now - since;

    /// <summary>Its room is wanted.</summary>
    public void GiveWay() => _mustGiveWay = true;
}
