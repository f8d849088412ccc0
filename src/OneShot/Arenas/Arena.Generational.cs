using OneShot.Blocks;

namespace OneShot;

/// <summary>
/// Between two requests an arena keeps the tail of its block, and with it a hold on the block's generation. Others may
/// take that hold away when the generation is to go, so the arena asks for its tail back when the next request begins.
/// </summary>
/// <remarks>
/// Two exchanges per request on a field that only this arena and, once per generation, the closing thread touch: no
/// cache line is shared between requests that run at the same time.
/// </remarks>
public sealed unsafe partial class Arena
{
    private HeldBlock _idleBlock;
    private Generation? _idleHold;
    private bool _isIdle;

    /// <summary>Called by the thread that has closed a generation, while this arena may be used by another.</summary>
    internal void ReleaseIdleHold()
    {
        Generation? hold = Volatile.Read(ref _idleHold);
        if (hold is not null && hold.IsClosed && Interlocked.CompareExchange(ref _idleHold, null, hold) == hold)
        {
            hold.Release();
        }
    }

    private void Idle(in HeldBlock kept, Generation generation, ref Failures failures)
    {
        _idleBlock = kept;
        _isIdle = true;

        // The hold is offered before the look at IsClosed: whoever closes the generation sees it, or this thread does.
        Interlocked.Exchange(ref _idleHold, generation);
        try
        {
            ReleaseIdleHold();
        }
        catch (Exception failure) when (failure is OutOfMemoryException or MemoryRegionException)
        {
            failures.Add(failure);
        }
    }

    /// <summary>Goes on with the tail that was kept, if nobody has taken it away.</summary>
    private bool Resume()
    {
        if (!_isIdle)
        {
            return false;
        }

        _isIdle = false;
        HeldBlock kept = _idleBlock;
        _idleBlock = default;
        if (Interlocked.Exchange(ref _idleHold, null) is null)
        {
            return false;
        }

        _blocks.Add(kept);
        Enter(kept, kept.Start);
        return true;
    }
}
