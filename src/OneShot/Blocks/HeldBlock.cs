using System.Runtime.InteropServices;

namespace OneShot.Blocks;

/// <summary>A block in an arena's hands, and how much of it has been seen by whom.</summary>
internal unsafe struct HeldBlock
{
    public Block Block;

    /// <summary>Where the current request's share begins.</summary>
    public byte* Start;

    /// <summary>Up to here memory was ever handed out; what lies beyond has been seen by nobody and is zero.</summary>
    public byte* Reached;

    public HeldBlock(Block block)
    {
        Block = block;
        Start = block.Start;
        Reached = block.Start;
        Cursor = block.Start;
        Limit = block.Limit;
    }

    /// <summary>Where the cursor stood when the arena moved on to another block.</summary>
    public byte* Cursor;

    /// <summary>From here to the block's end lies what was allocated for the request rather than for a mark of it.</summary>
    public byte* Limit;

    /// <summary>Whether another arena has filled its beginning, which is not to be handed out, and under two policies not to be read.</summary>
    public bool IsTail;

    /// <summary><see cref="Start"/> as an offset in the block.</summary>
    public readonly nint StartOffset => (nint)(Start - Block.Start);

    /// <summary><see cref="Reached"/> as an offset in the block.</summary>
    public readonly nint ReachedOffset => (nint)(Reached - Block.Start);

    /// <summary><see cref="Limit"/> as an offset in the block.</summary>
    public readonly nint LimitOffset => (nint)(Limit - Block.Start);

    /// <summary>Bytes that nobody has seen.</summary>
    public readonly nint Tail => (nint)(Limit - Reached);

    /// <summary>Clears all that was ever handed out, and in no case a byte outside of the block.</summary>
    public readonly void ClearSeen()
    {
        byte* end = Block.Limit;
        ClearWithin(Block.Start, Reached >= Block.Start ? Reached : end);
        if (Limit != end)
        {
            ClearWithin(Limit >= Block.Start ? Limit : Block.Start, end);
        }
    }

    /// <summary>Clears what lies between two addresses, and in no case a byte outside of the block.</summary>
    public readonly void ClearWithin(byte* from, byte* to)
    {
        from = from < Block.Start ? Block.Start : from;
        to = to > Block.Limit ? Block.Limit : to;
        if (from < to)
        {
            NativeMemory.Clear(from, (nuint)(to - from));
        }
    }
}
