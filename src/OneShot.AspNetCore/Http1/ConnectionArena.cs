using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// The arena of the request that a connection serves, and the gate before everything that moves it while a request runs.
/// </summary>
/// <remarks>
/// <para>The connection's loop rents, opens, closes and returns; it takes no lock for that and no atomic operation. The application,
/// and what it has left running, reads <see cref="Current"/> at any time and may let go of the arena: rare, and behind the gate.</para>
/// <para>The gate is asymmetric. Who enters says so, then has every processor finish its pending writes
/// (<see cref="Interlocked.MemoryBarrierProcessWide"/>), then looks whether the request is open. The loop closes the request,
/// then looks whether somebody is inside. So one of the two sees the other: a late caller is refused, or the loop waits for it.</para>
/// </remarks>
internal sealed class ConnectionArena(RequestArenaPool arenas, OverBudgetArenas? overBudget = null)
{
    private readonly RequestArenaPool _arenas = arenas;
    private readonly OverBudgetArenas? _overBudget = overBudget;
    private readonly ByteBudget? _budget = overBudget?.NewBudget();

    // Of the present request. Only the loop changes it, while no request is open and all that was released has gone back.
    private RequestArenaPool _pool = arenas;
    private readonly Lock _inside = new();

    // Written by the loop while the request is closed, otherwise inside the gate only. Who gives it back takes it out of here first:
    // there is never a second one to give back.
    private ArenaLease _lease;

    // Odd: no request is open. Only the loop writes it.
    private int _request = 1;

    // Odd: somebody is inside the gate. Written under the lock only.
    private int _changes;

    private ReleasedArenas.OfRequest? _released;

    /// <summary>The arena that was rented, or null. For the loop while no request is open; a guess for everybody else.</summary>
    internal Arena? Rented => _lease.Arena;

    /// <summary>The running request's arena; another one, when the request has let go of its own.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    internal RequestArena Current
    {
        get
        {
            int request = Volatile.Read(ref _request);
            int changes = Volatile.Read(ref _changes);
            ArenaLease lease = _lease; // it may be two halves; then something has changed, and it is not looked at
            Volatile.ReadBarrier();
            bool isWhole = ((request | changes) & 1) == 0 && _request == request && _changes == changes;
            return isWhole && lease.Arena is not null ? lease.Handle : RentAnother();
        }
    }

    /// <summary>For the loop, while no request is open.</summary>
    internal Arena Rent()
    {
        if (_budget is not null)
        {
            ChoosePool(isOverBudget: _budget.IsSpent());
        }

        _lease = _pool.Rent();
        return _lease.Arena!;
    }

    /// <summary>The loop: the application may come.</summary>
    internal void Open() => Volatile.Write(ref _request, _request + 1);

    /// <summary>The loop: from here on the application is refused, and nobody is inside the gate any more.</summary>
    internal void Close()
    {
        if ((_request & 1) == 0)
        {
            Volatile.Write(ref _request, _request + 1);
        }

        if ((Volatile.Read(ref _changes) & 1) != 0)
        {
            lock (_inside)
            {
            }
        }
    }

    /// <summary>The loop, while no request is open: gives back all there is.</summary>
    internal void Return()
    {
        ArenaLease lease = _lease;
        _lease = default;
        Charge(lease);
        _pool.ReturnOwn(lease);
        _released?.ReturnAll();
    }

    /// <summary>
    /// Goes inside the gate, where the request neither ends nor changes its arena by another hand. Every call that succeeds is
    /// followed by <see cref="Exit"/>.
    /// </summary>
    /// <returns>False when the request is over.</returns>
    internal bool TryEnter()
    {
        _inside.Enter();
        Volatile.Write(ref _changes, _changes + 1);
        Interlocked.MemoryBarrierProcessWide();
        if ((Volatile.Read(ref _request) & 1) == 0)
        {
            return true;
        }

        Exit();
        return false;
    }

    internal void Exit()
    {
        Volatile.Write(ref _changes, _changes + 1);
        _inside.Exit();
    }

    /// <summary>Inside the gate: the request has no arena any more. Nothing of the connection may point into it.</summary>
    /// <param name="isUnseen">Nobody has a handle to it, so it may go back at once.</param>
    internal void Release(bool isUnseen)
    {
        ArenaLease lease = _lease;
        _lease = default;
        if (lease.Arena is null)
        {
            return;
        }

        Charge(lease);
        if (isUnseen)
        {
            _pool.ReturnOwn(lease);
            return;
        }

        (_released ??= new ReleasedArenas.OfRequest(_pool.Released)).Add(lease);
    }

    private void ChoosePool(bool isOverBudget)
    {
        RequestArenaPool pool = isOverBudget ? _overBudget!.Pool! : _arenas;
        if (pool != _pool)
        {
            _pool = pool;
            _released = null; // of the other pool, and empty
        }

        if (isOverBudget)
        {
            _overBudget!.Metrics?.Count();
        }
    }

    /// <summary>Before the arena goes back: what the request has taken of memory that does not come back.</summary>
    private void Charge(in ArenaLease lease)
    {
        if (_budget is not null && _pool == _arenas && lease.Arena is { } arena)
        {
            _budget.Take(arena.Allocated);
        }
    }

    private RequestArena RentAnother()
    {
        if (!TryEnter())
        {
            throw new ObjectDisposedException(nameof(RequestArena), "The request is over, and its arena is somebody else's. Use it within the request only.");
        }

        try
        {
            if (_lease.Arena is null)
            {
                _lease = _pool.Rent();
            }

            return _lease.Handle;
        }
        finally
        {
            Exit();
        }
    }
}
