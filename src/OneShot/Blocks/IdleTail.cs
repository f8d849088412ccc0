namespace OneShot.Blocks;

/// <summary>
/// The tail of a block of a generation that an arena keeps between two requests, and with it the block's hold. Whoever closes
/// the generation takes the hold away; the arena finds out when it wants its tail back.
/// </summary>
/// <remarks>
/// Two exchanges per request on a field that only this arena and, once per generation, the closing thread touch: no
/// cache line is shared between requests that run at the same time.
/// </remarks>
internal unsafe struct IdleTail
{
    // Stands in for the hold while the closing thread reads the block.
    private static readonly object s_beingTaken = new();

    private HeldBlock _block;
    private object? _hold;

    /// <summary>Bytes of the tail; racy. 0 if none is kept.</summary>
    public readonly long Room => Volatile.Read(in _hold) is null ? 0 : _block.Tail;

    /// <summary>By the arena, which has none on offer.</summary>
    public void Offer(in HeldBlock block)
    {
        _block = block;

        // The hold is offered before the look at IsClosed: whoever closes the generation sees it, or this thread does.
        Interlocked.Exchange(ref _hold, block.Block.Generation);
        ReleaseIfClosed();
    }

    /// <summary>By any thread, while the arena may be used by another.</summary>
    public void ReleaseIfClosed()
    {
        object? hold = Volatile.Read(ref _hold);
        if (hold is Generation { IsClosed: true } closed && Interlocked.CompareExchange(ref _hold, s_beingTaken, hold) == hold)
        {
            Block block = _block.Block;
            Volatile.Write(ref _hold, null);
            closed.Release(block.Start, block.Size);
        }
    }

    /// <summary>By the arena. It goes on with the tail unless the hold was taken away.</summary>
    public bool TryTakeBack(out HeldBlock block)
    {
        var spin = new SpinWait();
        while (Volatile.Read(ref _hold) is { } hold)
        {
            if (hold == s_beingTaken)
            {
                // Another thread reads the block, which the next offer would overwrite.
                spin.SpinOnce();
            }
            else if (Interlocked.CompareExchange(ref _hold, null, hold) == hold)
            {
                block = _block;
                return true;
            }
        }

        block = default;
        return false;
    }
}
