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

    /// <summary>Bytes that nobody has seen.</summary>
    public readonly nint Tail => (nint)(Limit - Reached);
}
