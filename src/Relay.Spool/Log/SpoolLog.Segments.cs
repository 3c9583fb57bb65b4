namespace Relay.Spool.Log;

/// <content>The segments of the log: when a fresh one is opened, and when a dead one goes.</content>
internal sealed partial class SpoolLog
{
    /// <summary>Frees every segment that nothing would miss; each is durably gone before what served its replay may go.</summary>
    public void Reclaim()
    {
        while (true)
        {
            Segment? dead;
            lock (State.Gate)
            {
                dead = State.MayReclaim ? State.FindDead() : null;
                State.MayReclaim &= dead is not null;
            }

            if (dead is null)
            {
                return;
            }

            try
            {
                Files.Retire(dead);
            }
            catch (Exception exception) when (DiskFault.Is(exception))
            {
                SetFault(dead.Name, exception);
                return;
            }

            lock (State.Gate)
            {
                State.Forget(dead);
            }

            _endsDue.Remove(dead);
        }
    }

    private static readonly SegmentPurpose[] ProbePurposes = [SegmentPurpose.Entries, SegmentPurpose.Controls, SegmentPurpose.Compaction];

    private bool TryRoll(SegmentPurpose purpose)
    {
        if (_isUnhealthy && purpose != SegmentPurpose.Opening && _time.GetTimestamp() < _nextProbe)
        {
            return false;
        }

        Files.TryRemoveLeftovers();
        if (Files.Available <= LeftBy(purpose))
        {
            return false;
        }

        Segment fresh;
        try
        {
            fresh = Files.Open(Identity.Owner, Identity.Epoch, ++_lastSegmentId);
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            SetFault(SegmentFiles.NameOf(_lastSegmentId), exception);
            _nextProbe = _time.GetTimestamp() + (long)(_settings.ProbeInterval.TotalSeconds * _time.TimestampFrequency);
            _isUnhealthy = true;
            return false;
        }

        lock (State.Gate)
        {
            State.Segments.Add(fresh.Id, fresh);
            if (Active is not null)
            {
                Seal(Active);
            }
        }

        Active = fresh;
        if (_isUnhealthy)
        {
            _isUnhealthy = false;
            HealthChanged?.Invoke(null);
        }

        return true;
    }

    /// <summary>While no segment can be written nobody brings anything that would need one: somebody must try.</summary>
    private void Probe()
    {
        if (!_isUnhealthy)
        {
            return;
        }

        foreach (var purpose in ProbePurposes)
        {
            if (Files.Available > LeftBy(purpose))
            {
                TryRoll(purpose);
                return;
            }
        }
    }

    private int LeftBy(SegmentPurpose purpose) => purpose switch
    {
        SegmentPurpose.Entries => _settings.ReserveSegments,
        SegmentPurpose.Controls => ControlsLeave,
        SegmentPurpose.Compaction => 1,
        _ => 0,
    };

    private void Seal(Segment segment)
    {
        segment.IsSealed = true;
        segment.SealedAt = _time.GetTimestamp();
        State.MayReclaim = true;
        _endsDue.Add(segment);
    }

    private void SetFault(string file, Exception cause)
    {
        LastFault = new SpoolFault(_time.GetUtcNow(), file, cause.Message, DiskFault.Is(cause) ? null : cause);
        HealthChanged?.Invoke(LastFault);
    }
}
