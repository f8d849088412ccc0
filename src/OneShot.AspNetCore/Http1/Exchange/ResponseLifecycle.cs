using System.Diagnostics;
using System.Runtime.CompilerServices;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>
/// Where the present response is in its life, whose turn it is, and the gate inside which both change. The application's part lasts from
/// the request's begin until the application has returned; then the connection's loop is alone with the response, and needs no gate.
/// </summary>
/// <remarks>
/// The state is a plain value: whoever reads it outside of the gate gets what it was. Everything that changes it, and everything that
/// touches the transport's buffers, is inside the gate or is the loop when it is alone.
/// </remarks>
internal sealed class ResponseLifecycle
{
    private WriteGate _gate;

    // Odd: no application's part is under way. Counts on when one begins and, inside the gate, when it ends, so that who has waited sees either.
    private int _part = 1;

    /// <summary>It changes by <see cref="ResponseStates.Next"/> alone.</summary>
    internal ResponseState State { get; private set; } = ResponseState.Idle;

    /// <summary>Status and fields can no longer be changed.</summary>
    internal bool HasStarted => State.HasStarted();

    /// <summary>Tells one request's part from another's: see <see cref="IsUnderWay"/>.</summary>
    internal int Part => Volatile.Read(ref _part);

    /// <summary>No application's part is under way: the loop is alone with the response. Asked inside the gate, or by the loop.</summary>
    internal bool IsClosed => (Part & 1) != 0;

    /// <summary>The calling thread is inside the gate.</summary>
    internal bool IsInside => _gate.IsHeldByCurrentThread;

    /// <summary>That part has not ended. Asked inside the gate.</summary>
    /// <param name="part">What <see cref="Part"/> was.</param>
    internal bool IsUnderWay(int part) => part == Part && !IsClosed;

    /// <summary>
    /// Goes inside the gate: what one thread writes is whole before the next one writes, and nobody counts on room that another has filled.
    /// Re-entrant, as Kestrel's lock: an exception filter of the application runs before a call that throws has left.
    /// </summary>
    internal Scope Enter()
    {
        _gate.Enter();
        return new Scope(this);
    }

    /// <summary>The loop: the application's part begins. All else of the response is ready for it.</summary>
    internal void Open()
    {
        Debug.Assert(IsClosed);
        Apply(ResponseEvent.Begin);
        Volatile.Write(ref _part, _part + 1);
    }

    /// <summary>The application's part is over: what it has under way starts nothing any more, and sends nothing. Inside the gate.</summary>
    internal void Close()
    {
        if (!IsClosed)
        {
            Volatile.Write(ref _part, _part + 1);
        }
    }

    /// <summary>Inside the gate, or where the loop is alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Apply(ResponseEvent happened)
    {
        Debug.Assert(IsInside || IsClosed, "the state changes inside the gate");
        State = ResponseStates.Next(State, happened);
    }

    /// <summary>Goes inside for it.</summary>
    internal void EnterAndApply(ResponseEvent happened)
    {
        using (Enter())
        {
            Apply(happened);
        }
    }

    /// <summary>A stay inside the gate.</summary>
    internal readonly ref struct Scope(ResponseLifecycle lifecycle)
    {
        public void Dispose() => lifecycle._gate.Leave();
    }
}
