using OneShot.Blocks;

namespace OneShot.Buffers;

/// <summary>
/// A block whose request has ended while memory of it was pinned, by I/O that is still pending. It belongs to no arena any
/// more and goes back when the last pin on it is let go, on whatever thread that happens. The process arena stays mapped until then.
/// </summary>
internal sealed class DetainedBlock
{
    private readonly ProcessArena _process;
    private HeldBlock _held;
    private int _holds = 1;

    public DetainedBlock(ProcessArena process) => _process = process;

    /// <summary>Another whose pin is on the same block, found by the arena while it ends its request.</summary>
    public DetainedBlock? Next { get; set; }

    public unsafe bool Contains(byte* address) => address >= _held.Block.Start && address < _held.Block.Limit;

    /// <summary>Called once, before the first hold.</summary>
    /// <param name="held">The block; the default value if the arena keeps it, which it can where no byte serves two requests.</param>
    public void Take(in HeldBlock held)
    {
        _held = held;
        _process.Detain(held);
    }

    public void Hold() => Interlocked.Increment(ref _holds);

    /// <summary>Never throws: the thread that lets go of a pin may be one on which an exception ends the process.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holds) == 0)
        {
            _process.EndDetention(_held);
        }
    }
}
