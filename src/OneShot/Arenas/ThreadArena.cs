using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace OneShot;

/// <summary>
/// An arena for each thread, for code that has no request at hand: a cursor of the thread's own over blocks of a shared
/// <see cref="ProcessArena"/>. Threads meet only when one needs a block.
/// </summary>
/// <remarks>
/// Thread-safe. Memory stays valid until <see cref="Dispose"/>, also after its thread has ended, unless a thread resets
/// <see cref="Current"/> itself. What an ended thread left of its block serves a thread that comes later.
/// </remarks>
public sealed class ThreadArena : IDisposable
{
    // The seat this thread used last, of whichever thread arena: a static field is read inline, a ThreadLocal is not.
    [ThreadStatic]
    private static Seat? s_seat;

    private readonly ProcessArena _process;
    private readonly ThreadLocal<Seat> _seats;
    private readonly ConcurrentStack<Arena> _vacant = new();
    private readonly List<Arena> _arenas = [];
    private bool _disposed;

    /// <param name="process">Where the threads' blocks come from.</param>
    public ThreadArena(ProcessArena process)
    {
        ArgumentNullException.ThrowIfNull(process);
        _process = process;
        _seats = new ThreadLocal<Seat>(() => new Seat(this, TakeArena()));
    }

    /// <summary>The calling thread's arena: never to be handed to another thread.</summary>
    /// <exception cref="ObjectDisposedException">This or the process arena was disposed, and the thread had no arena yet.</exception>
    public Arena Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Seat? seat = s_seat;
            return seat is not null && ReferenceEquals(seat.Owner, this) ? seat.Arena : FindSeat();
        }
    }

    /// <summary>As <see cref="Arena.Allocate{T}(int)"/> on the calling thread's arena.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This or the process arena was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> Allocate<T>(int count) where T : unmanaged => Current.Allocate<T>(count);

    /// <summary>As <see cref="Arena.New{T}"/> on the calling thread's arena.</summary>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This or the process arena was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T New<T>(scoped in T value) where T : unmanaged => ref Current.New(value);

    /// <summary>Disposes the arenas of all threads. The caller guarantees that none of them is allocating.</summary>
    /// <exception cref="AggregateException">Callbacks of arenas threw. All arenas are disposed.</exception>
    public void Dispose()
    {
        lock (_arenas)
        {
            _disposed = true;
            List<Exception> failures = [];
            foreach (Arena arena in _arenas)
            {
                try
                {
                    arena.Dispose();
                }
#pragma warning disable CA1031 // Whatever it is, the other arenas are disposed; the caller gets it afterwards.
                catch (Exception failure)
#pragma warning restore CA1031
                {
                    failures.Add(failure);
                }
            }

            _arenas.Clear();
            if (failures.Count > 0)
            {
                throw new AggregateException("Arenas of threads failed at their end; all of them are disposed.", failures);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Arena FindSeat()
    {
        Seat seat = _seats.Value!;
        s_seat = seat;
        return seat.Arena;
    }

    private Arena TakeArena()
    {
        lock (_arenas)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_vacant.TryPop(out Arena? vacant))
            {
                return vacant;
            }

            Arena created = _process.CreateArena();
            _arenas.Add(created);
            return created;
        }
    }

    /// <summary>Lives as long as its thread. When that has ended, the arena is free for another.</summary>
    private sealed class Seat(ThreadArena owner, Arena arena)
    {
        public readonly ThreadArena Owner = owner;
        public readonly Arena Arena = arena;

        ~Seat() => Owner._vacant.Push(Arena);
    }
}
