using OneShot.Transport.Native;

namespace OneShot.Transport.Loops;

/// <summary>What a loop tells of its descriptor: a connection or a listener.</summary>
internal abstract class EventTarget
{
    /// <summary>The loop's own data for it: index and generation of its place.</summary>
    internal ulong Key { get; set; }

    /// <summary>On the thread of the loop, or of one that has taken it over: two of these may overlap when the first takes long.</summary>
    /// <returns>Whether a turn was run: code of others, to its end.</returns>
    internal abstract bool OnReady(EpollEvents events);

    /// <summary>
    /// On the watchdog's thread, possibly again and again: <see cref="OnReady"/> takes long. What it has put off until its end must not
    /// wait for that.
    /// </summary>
    /// <param name="kind">What keeps it.</param>
    internal virtual void OnHeldUp(TurnKind kind)
    {
    }

    /// <summary>On the watchdog's thread: what it has put off (<see cref="EventLoop.Expect"/>) may still wait, for a thread of the thread pool or for the end of a turn.</summary>
    internal virtual void OnOverdue()
    {
    }

    /// <summary>The loop has stopped: nothing is told any more, and who waits for it must not wait on.</summary>
    internal abstract void OnStopped();
}
