using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>
/// A lock for what is nearly never contended and is taken several times a request: one compare-and-swap to enter, a plain store to
/// leave, nothing at all where the thread is inside already. Who must wait spins, then yields, then sleeps a millisecond at a time.
/// </summary>
/// <remarks>Thread-safe. A thread that is inside must leave as often as it has entered; nothing may be awaited in between.</remarks>
internal struct WriteGate
{
    /// <summary>As often it only yields: a thread that takes the gate again and again must not find the other one asleep each time.</summary>
    private const int MostYields = 200;

    private int _owner; // a managed thread's id; 0 is nobody's. Only its owner finds its own id here
    private int _depth; // entries of the owner beyond the first; the owner's alone

    /// <summary>The calling thread is inside.</summary>
    internal readonly bool IsHeldByCurrentThread => _owner == Environment.CurrentManagedThreadId;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Enter()
    {
        int thread = Environment.CurrentManagedThreadId;
        if (Interlocked.CompareExchange(ref _owner, thread, 0) != 0)
        {
            EnterHeld(thread);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Leave()
    {
        Debug.Assert(IsHeldByCurrentThread);
        if (_depth > 0)
        {
            _depth--;
            return;
        }

        Volatile.Write(ref _owner, 0);
    }

    private void EnterHeld(int thread)
    {
        if (_owner == thread)
        {
            _depth++;
            return;
        }

        var wait = new SpinWait();
        do
        {
            wait.SpinOnce(wait.Count < MostYields ? -1 : 0);
        }
        while (Volatile.Read(ref _owner) != 0 || Interlocked.CompareExchange(ref _owner, thread, 0) != 0);
    }
}
