using OneShot.Blocks;

namespace OneShot;

/// <summary>
/// Between two requests an arena keeps the tail of its block, and with it a hold on the block's generation. Others may
/// take that hold away when the generation is to go, so the arena asks for its tail back when the next request begins.
/// </summary>
public sealed unsafe partial class Arena
{
    private IdleTail _idleTail;
    private bool _isIdle;

    /// <summary>
    /// Bytes of the block being filled, or kept between two requests, that are not handed out. May be read by any thread while
    /// the arena runs, and is then of about this moment, never more than a block.
    /// </summary>
    internal long UnusedRoom
    {
        get
        {
            long room = _idleTail.Room;
            if (_blocks.Filled.TryPeek(out HeldBlock current) && !current.Block.IsFallback)
            {
                nint cursor = _cursor;
                room += cursor >= current.StartOffset ? current.LimitOffset - cursor : 0;
            }

            return Math.Clamp(room, 0, (long)_process.StandardBlock);
        }
    }

    /// <summary>Called by the thread that has closed a generation, while this arena may be used by another.</summary>
    internal void ReleaseIdleHold() => _idleTail.ReleaseIfClosed();

    private void Idle(in HeldBlock kept, ref Failures failures)
    {
        _isIdle = true;
        try
        {
            _idleTail.Offer(kept);
        }
        catch (OutOfMemoryException failure)
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
        if (!_idleTail.TryTakeBack(out HeldBlock kept))
        {
            return false;
        }

        _blocks.Filled.Add(kept);
        BumpIn(kept, kept.StartOffset);
        return true;
    }
}
