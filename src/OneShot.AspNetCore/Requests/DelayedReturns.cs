namespace OneShot.AspNetCore.Requests;

/// <summary>What goes back to the pool when <see cref="ReleasedArenas.Delay"/> is over. One timer, which runs only while something waits. Thread-safe.</summary>
internal sealed class DelayedReturns(RequestArenaPool pool, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<(ArenaLease Lease, ReleasedArenas Owner, long Since)> _waiting = [];
    private ITimer? _timer;
    private bool _isDisposed;

    public void Add(in ArenaLease lease, ReleasedArenas owner)
    {
        lock (_lock)
        {
            if (!_isDisposed)
            {
                _waiting.Enqueue((lease, owner, time.GetTimestamp()));
                if (_waiting.Count == 1)
                {
                    Set(ReleasedArenas.Delay);
                }

                return;
            }
        }

        owner.Forget(lease);
        pool.Return(lease);
    }

    /// <summary>Nothing waits any more.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }

        ReturnDue(TimeSpan.Zero);
    }

    private void ReturnDue(TimeSpan delay)
    {
        while (TryTake(delay, out (ArenaLease Lease, ReleasedArenas Owner, long Since) due))
        {
            due.Owner.Forget(due.Lease);
            pool.Return(due.Lease); // outside of the lock: callbacks of the application may run
        }
    }

    private bool TryTake(TimeSpan delay, out (ArenaLease Lease, ReleasedArenas Owner, long Since) due)
    {
        lock (_lock)
        {
            if (!_waiting.TryPeek(out due))
            {
                return false;
            }

            TimeSpan left = delay - time.GetElapsedTime(due.Since);
            if (left > TimeSpan.Zero)
            {
                Set(left);
                return false;
            }

            _waiting.Dequeue();
            return true;
        }
    }

    private void Set(TimeSpan due)
    {
        if (_timer is null)
        {
            using AsyncFlowControl flow = ExecutionContext.SuppressFlow(); // or the timer keeps what the first request carries
            _timer = time.CreateTimer(static state => ((DelayedReturns)state!).ReturnDue(ReleasedArenas.Delay), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }
}
