using System.Runtime.CompilerServices;

namespace OneShot;

/// <summary>
/// The gate, which one thread at a time is inside. All but the fast path goes through it: what the arena knows of its blocks, marks,
/// callbacks and handles is changed by one thread at a time, so that no block gets lost or is given back twice, and what is cleared is
/// the arena's at that moment.
/// </summary>
/// <remarks>
/// An arena has one owner, who finds the gate open: it costs one compare-and-swap. Whoever comes second, against the rules, waits;
/// nobody waits inside for anything but memory, and callbacks run outside. A thread does not wait for itself: an exception filter of the
/// application runs before the call that throws has left, which has changed nothing then.
/// </remarks>
public sealed unsafe partial class Arena
{
    // The thread that is inside, by its number; 0 for none.
    private int _gate;

    /// <summary>Marks this thread as inside; under the debug option another one that is inside is an exception.</summary>
    private Inside Enter()
    {
        _log?.Enter(Owner);
        return new Inside(this, TakeGate());
    }

    /// <returns>False if this thread is inside already, and is not to leave.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TakeGate()
    {
        int me = Environment.CurrentManagedThreadId;
        int other = Interlocked.CompareExchange(ref _gate, me, 0);
        return other == 0 || (other != me && WaitForGate(me));
    }

    private bool TryTakeGate() => Interlocked.CompareExchange(ref _gate, Environment.CurrentManagedThreadId, 0) == 0;

    private void LeaveGate() => Volatile.Write(ref _gate, 0);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool WaitForGate(int me)
    {
        var spin = new SpinWait();
        do
        {
            spin.SpinOnce(sleep1Threshold: -1); // sleeping could be interrupted
        }
        while (Volatile.Read(ref _gate) != 0 || Interlocked.CompareExchange(ref _gate, me, 0) != 0);
        return true;
    }

    /// <summary>
    /// For threads inside: the cursor, read once, since another thread may move it at any moment. Whoever goes by it uses what was
    /// read here, and not the field again.
    /// </summary>
    /// <returns>False if it lies outside of what the request has of the current block, as two threads can leave it.</returns>
    private bool TryReadCursor(out nint cursor)
    {
        cursor = Volatile.Read(ref _cursor);
        if (_blocks.Filled.Count == 0)
        {
            cursor = 0; // whatever a late thread has left there means nothing
            return true;
        }

        return cursor >= _first && cursor <= _blocks.Filled.Last.LimitOffset;
    }

    /// <summary>For threads inside.</summary>
    /// <exception cref="ObjectDisposedException">The cursor was astray, and the arena is given up.</exception>
    private nint ReadCursor()
    {
        if (!TryReadCursor(out nint cursor))
        {
            Abandon();
            ThrowHelper.ArenaAbandoned();
        }

        return cursor;
    }

    /// <summary>Runs callbacks outside of the gate: they are the application's, may use the arena, and may wait for others that do.</summary>
    private void RunCallbacks(int downTo, ref Failures failures)
    {
        while (_callbacks.TryTakeNewest(downTo, out ResetCallbacks.Callback callback))
        {
            LeaveGate();
            try
            {
                callback.Run(callback.State);
            }
#pragma warning disable CA1031 // Whatever it is, the other callbacks run; the caller gets it afterwards.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                failures.Add(failure);
            }

            TakeGate();
        }
    }

    private readonly ref struct Inside(Arena arena, bool leaves)
    {
        public void Dispose()
        {
            if (leaves)
            {
                arena.LeaveGate();
            }

            arena._log?.Exit();
        }
    }
}
