using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.ObjectPool;
using OneShot.AspNetCore.Logging;
using OneShot.AspNetCore.Telemetry;
using OneShot.Blocks;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// The arenas that requests take turns on, all over one <see cref="ProcessArena"/>. Thread-safe.
/// </summary>
/// <remarks>
/// Under <see cref="ArenaReclamation.Never"/> an arena that is dropped takes the unused tail of its block with it, for good.
/// So the pool keeps as many arenas as there are blocks to hold on to, not the twice-the-cores of a default pool: whatever
/// concurrency was once reached, its tails serve later requests. Under <see cref="ArenaReclamation.PerRequest"/> it is the other
/// way about: a dropped arena gives its block back, and idle ones would keep all that a crowd once held from those who need it.
/// The pool ends with the container, before the process arena.
/// </remarks>
internal sealed class RequestArenaPool : IDisposable
{
    /// <summary>The part of the capacity that idle arenas may hold where memory comes back, as a divisor.</summary>
    private const int IdlePart = 8;

    /// <summary>How many idle arenas are looked at for a tail that is large enough.</summary>
    private const int MostLooked = 8;

    private readonly ObjectPool<Arena> _arenas;
    private readonly ILogger _logger;
    private readonly RequestMetrics? _metrics;

    public RequestArenaPool(ProcessArena process, ILogger<RequestArenaPool>? logger = null, RequestMetrics? metrics = null, TimeProvider? time = null)
    {
        Process = process;
        _metrics = metrics;
        _logger = logger ?? NullLogger<RequestArenaPool>.Instance;
        DefaultObjectPoolProvider provider = new() { MaximumRetained = MostIdle(process) };
        _arenas = provider.Create(new ArenaPolicy(process));
        Released = new ReleasedArenas(lease => Return(lease), time ?? TimeProvider.System);
        process.IdleTails = TryTakeTail;
    }

    public ProcessArena Process { get; }

    /// <summary>What is on its way back.</summary>
    public ReleasedArenas Released { get; }

    /// <summary>An arena that is the caller's until <see cref="Return"/>.</summary>
    public ArenaLease Rent()
    {
        Arena arena = _arenas.Get();
        arena.Unpark();
        return new ArenaLease(arena, arena.BeginLease());
    }

    /// <summary>
    /// Ends the request the arena was rented for: everything allocated from it is invalid from here on. Does nothing with a lease
    /// that has ended: the arena is somebody else's then.
    /// </summary>
    /// <remarks>
    /// What fails at that end (a callback of the application, an overrun that the debug option has found) is logged, as the
    /// failures of <c>OnCompleted</c> are: the response is out, and the arena is as good as any for the next request. One that was given
    /// up, or whose end somebody else is in the middle of, or has failed in any other way, is for no other request: it is dropped.
    /// </remarks>
    public void Return(in ArenaLease lease)
    {
        if (lease.Arena is { } arena && arena.TryEndLease(lease.Ticket))
        {
            End(arena);
        }
    }

    /// <summary>The same for a lease that exists once, in the hand of the caller: it takes no atomic operation.</summary>
    public void ReturnOwn(in ArenaLease lease)
    {
        if (lease.Arena is { } arena && arena.TryEndOwnLease(lease.Ticket))
        {
            End(arena);
        }
    }

    private void End(Arena arena)
    {
        bool isParked;
        try
        {
            try
            {
                _metrics?.RequestEnds(arena); // who listens is the application's
            }
            finally
            {
                isParked = arena.ResetAndPark(); // whoever has kept it, and not the handle, is refused as well
            }
        }
        catch (Exception exception)
        {
            isParked = (exception is AggregateException or ArenaCorruptedException) && arena.Park();
            Events.ArenaResetFailed(_logger, exception);
        }

        if (isParked)
        {
            _arenas.Return(arena);
            return;
        }

        Drop(arena);
    }

    private void Drop(Arena arena)
    {
        try
        {
            arena.Dispose();
        }
        catch (Exception exception)
        {
            Events.ArenaResetFailed(_logger, exception);
        }
    }

    public void Dispose()
    {
        Released.Dispose();
        Process.IdleTails = null;
        (_arenas as IDisposable)?.Dispose();
    }

    /// <summary>
    /// A crowd that is gone leaves its arenas here, each with the tail of a block. Where there is no other memory, a request that
    /// needs more than its own tail goes on in theirs.
    /// </summary>
    private bool TryTakeTail(nuint needed, out HeldBlock tail)
    {
        tail = default;
        bool isFound = false;
        int count = 0;
        InlineArenas looked = default;
        try
        {
            while (!isFound && count < MostLooked)
            {
                Arena idle = _arenas.Get();
                looked[count++] = idle;
                isFound = idle.TryGiveTail(needed, out tail);
            }
        }
        catch (ObjectDisposedException)
        {
            // The pool has ended meanwhile.
        }
        catch (OutOfMemoryException)
        {
            // All arenas are in use, and there is no memory for one that would have no tail.
        }

        foreach (Arena? idle in looked[..count])
        {
            _arenas.Return(idle!);
        }

        return isFound;
    }

    [InlineArray(MostLooked)]
    private struct InlineArenas
    {
        private Arena? _element;
    }

    private static int MostIdle(ProcessArena process)
    {
        long blocks = process.Capacity / process.BlockSize;
        return process.Policy.IdleBlocksAreMissed
            ? (int)Math.Clamp(blocks / IdlePart, 1, int.MaxValue)
            : (int)Math.Clamp(blocks, Environment.ProcessorCount * 2L, int.MaxValue);
    }

    private sealed class ArenaPolicy(ProcessArena process) : IPooledObjectPolicy<Arena>
    {
        public Arena Create()
        {
            Arena arena = process.CreateArena();
            arena.Park();
            return arena;
        }

        public bool Return(Arena obj) => true;
    }
}
