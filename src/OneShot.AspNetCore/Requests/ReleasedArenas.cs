namespace OneShot.AspNetCore.Requests;

/// <summary>
/// The arenas that a running request has let go of. They stay out of the pool until it ends, or for <see cref="Delay"/>: a call that comes
/// late, out of code that a request has left running, may be about the next one, and must not put memory under that into other
/// hands. Thread-safe.
/// </summary>
internal sealed class ReleasedArenas(RequestArenaPool pool)
{
    /// <summary>Longer than a call takes that was on its way when its request ended.</summary>
    internal static readonly TimeSpan Delay = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Queue<ArenaLease> _leases = []; // the eldest first, as the pool has them

    public void Add(in ArenaLease lease)
    {
        lock (_lock)
        {
            _leases.Enqueue(lease);
        }

        pool.ReturnLater(lease, this);
    }

    /// <summary>The request has ended.</summary>
    public void ReturnAll()
    {
        while (TryTake(out ArenaLease lease))
        {
            pool.Return(lease);
        }
    }

    /// <summary>The pool has it, or is about to.</summary>
    public void Forget(in ArenaLease lease)
    {
        lock (_lock)
        {
            if (_leases.TryPeek(out ArenaLease first) && first.Arena == lease.Arena && first.Ticket == lease.Ticket)
            {
                _leases.Dequeue();
            }
        }
    }

    private bool TryTake(out ArenaLease lease)
    {
        lock (_lock)
        {
            return _leases.TryDequeue(out lease);
        }
    }
}
