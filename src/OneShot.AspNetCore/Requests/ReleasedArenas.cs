namespace OneShot.AspNetCore.Requests;

/// <summary>
/// The arenas that running requests have let go of. They stay out of the pool until their request ends, or for <see cref="Delay"/>: a
/// call that comes late, out of code that a request has left running, may be about the next one, and must not put memory under that
/// into other hands. One timer for all, which runs only while something waits. Thread-safe.
/// </summary>
/// <param name="giveBack">To the pool. Does nothing with a lease that has ended.</param>
/// <param name="time">That passes.</param>
internal sealed class ReleasedArenas(Action<ArenaLease> giveBack, TimeProvider time) : IDisposable
{
    /// <summary>Longer than a call takes that was on its way when its request ended.</summary>
    internal static readonly TimeSpan Delay = TimeSpan.FromSeconds(2);

    private readonly Action<ArenaLease> _giveBack = giveBack;
    private readonly Lock _lock = new();
    private readonly Queue<(ArenaLease Lease, OfRequest Request, long Since)> _waiting = [];
    private ITimer? _timer;
    private bool _isDisposed;

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

    private void Add(in ArenaLease lease, OfRequest request)
    {
        lock (_lock)
        {
            if (!_isDisposed)
            {
                _waiting.Enqueue((lease, request, time.GetTimestamp()));
                if (_waiting.Count == 1)
                {
                    Set(Delay);
                }

                return;
            }
        }

        request.Forget(lease);
        _giveBack(lease);
    }

    private void ReturnDue(TimeSpan delay)
    {
        while (TryTake(delay, out (ArenaLease Lease, OfRequest Request, long Since) due))
        {
            due.Request.Forget(due.Lease);
            _giveBack(due.Lease); // outside of the lock: callbacks of the application may run
        }
    }

    private bool TryTake(TimeSpan delay, out (ArenaLease Lease, OfRequest Request, long Since) due)
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
            _timer = time.CreateTimer(static state => ((ReleasedArenas)state!).ReturnDue(Delay), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Those of one request, or of a connection's, one after another.</summary>
    internal sealed class OfRequest(ReleasedArenas all)
    {
        private readonly Queue<ArenaLease> _leases = []; // the eldest first, as in the queue of all

        internal void Add(in ArenaLease lease)
        {
            lock (_leases)
            {
                _leases.Enqueue(lease);
            }

            all.Add(lease, this);
        }

        /// <summary>The request has ended.</summary>
        internal void ReturnAll()
        {
            while (TryTake(out ArenaLease lease))
            {
                all._giveBack(lease);
            }
        }

        /// <summary>It goes back, or has gone.</summary>
        internal void Forget(in ArenaLease lease)
        {
            lock (_leases)
            {
                if (_leases.TryPeek(out ArenaLease first) && first.Arena == lease.Arena && first.Ticket == lease.Ticket)
                {
                    _leases.Dequeue();
                }
            }
        }

        private bool TryTake(out ArenaLease lease)
        {
            lock (_leases)
            {
                return _leases.TryDequeue(out lease);
            }
        }
    }
}
