using System.Buffers;
using System.Diagnostics;

namespace OneShot.Buffers;

/// <summary>
/// What <see cref="Memory{T}"/> over an arena's memory is backed by: one for all such memory in one block and lifetime,
/// so that most allocations make no object. It is never used for another lifetime, so a stale handle is always told.
/// </summary>
internal sealed unsafe class ArenaMemoryManager(Arena arena, ArenaLifetime lifetime, byte* start, int length, ArenaMemoryManager? outer) : MemoryManager<byte>
{
    private readonly byte* _start = start;

    public ArenaLifetime Lifetime => lifetime;

    /// <summary>The one that memory allocated before the innermost mark is backed by.</summary>
    public ArenaMemoryManager? Outer => outer;

    public bool IsOver => arena.IsOver(lifetime);

    public bool Covers(UnsafeSlice<byte> part, ArenaLifetime during) =>
        during == lifetime && part.Pointer >= _start && part.Pointer + part.Length <= _start + length;

    public Memory<byte> Slice(UnsafeSlice<byte> part)
    {
        Debug.Assert(Covers(part, lifetime), "The part lies in this block.");
        return CreateMemory((int)(part.Pointer - _start), part.Length);
    }

    public override Span<byte> GetSpan()
    {
        arena.ThrowIfOver(lifetime);
        return new Span<byte>(_start, length);
    }

    /// <summary>Arena memory never moves: pinning is a check and an address, and does not prolong the memory's life.</summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        arena.ThrowIfOver(lifetime);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length, nameof(elementIndex));
        return new MemoryHandle(_start + elementIndex, handle: default, pinnable: this);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
