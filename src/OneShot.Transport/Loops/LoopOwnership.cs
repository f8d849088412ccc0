using System.Diagnostics;

namespace OneShot.Transport.Loops;

/// <summary>What the thread of a loop is doing.</summary>
internal enum LoopState
{
    /// <summary>It works on the loop's own things, or waits in the kernel. Nobody may take the loop.</summary>
    Running,

    /// <summary>It is in a connection's code, which may be anything. Whoever sees that last too long may take the loop.</summary>
    CalledOut,
}

/// <summary>
/// Whose a loop is: one word with a state and a turn that no state ever has twice.
/// </summary>
/// <remarks>
/// <code>
///            | Enter (owner)      | Leave(turn) (owner)           | TryTake(word) (watchdog)
/// Running    | CalledOut(turn+1)  | refused: it was taken         | refused
/// CalledOut  | !                  | Running if the turn is his,   | Running of the taker if the word is as seen,
///            |                    | else refused: it was taken    | else refused
/// </code>
/// Only <see cref="TryTake"/> changes owners, and only out of <see cref="LoopState.CalledOut"/>: what the loop's owner does with its
/// batch of events while it is running never has two hands on it.
/// </remarks>
internal struct LoopOwnership
{
    private const int TurnShift = 1;

    private long _word;

    /// <summary>State and turn together, for the watchdog to compare with what it has seen before.</summary>
    public readonly long Word => Volatile.Read(in _word);

    public static LoopState StateOf(long word) => (LoopState)(word & 1);

    /// <summary>The owner goes into a connection's code.</summary>
    /// <returns>The turn to leave with.</returns>
    public long Enter()
    {
        Debug.Assert(StateOf(_word) == LoopState.Running, "The owner calls out once at a time.");
        long turn = (_word >> TurnShift) + 1;
        Volatile.Write(ref _word, (turn << TurnShift) | (long)LoopState.CalledOut);
        return turn;
    }

    /// <summary>The thread comes back.</summary>
    /// <returns>False when the loop is no longer its own: it must not touch it.</returns>
    public bool Leave(long turn)
    {
        long calledOut = (turn << TurnShift) | (long)LoopState.CalledOut;
        return Interlocked.CompareExchange(ref _word, turn << TurnShift, calledOut) == calledOut;
    }

    /// <summary>Takes the loop from a thread that is in the same call-out as when <paramref name="word"/> was seen.</summary>
    public bool TryTake(long word)
    {
        Debug.Assert(StateOf(word) == LoopState.CalledOut);
        long taken = ((word >> TurnShift) + 1) << TurnShift; // another turn: the one who comes back does not take it for his own
        return Interlocked.CompareExchange(ref _word, taken, word) == word;
    }
}
