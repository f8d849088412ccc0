using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OneShot.Buffers;

/// <summary>
/// What <see cref="Memory{T}"/> over an arena's memory is backed by: one for all such memory in one block and lifetime,
/// so that most allocations make no object. It is never used for another lifetime, so a stale handle is always known.
/// </summary>
/// <remarks>
/// <para>
/// A stale handle does not throw, except under the debug option: sockets ask for the span when data arrives, on a thread where an exception ends the
/// process. It gets bytes of the GC heap that nobody else ever sees, and is counted.
/// </para>
/// <para>Any thread may pin, unpin and ask for the span at any time. All of that, and the end, meet in <see cref="_state"/>.</para>
/// </remarks>
internal sealed unsafe class ArenaMemoryManager : MemoryManager<byte>
{
    private const int Ended = int.MinValue;

    private readonly Arena _arena;
    private readonly byte* _start;
    private readonly int _length;

    // How many pins there are, and Ended: no pin is added once it is set.
    private int _state;

    // After the end: the DetainedBlock of pinned memory, or the bytes that stale handles see.
    private object? _after;

    public ArenaMemoryManager(Arena arena, long key, byte* start, int length)
    {
        _arena = arena;
        Key = key;
        _start = start;
        _length = length;
    }

    /// <summary><see cref="ArenaLifetime.Key"/> of the memory.</summary>
    public long Key { get; }

    /// <summary>The arena's list, newest lifetime first.</summary>
    public ArenaMemoryManager? Next { get; set; }

    public byte* Start => _start;

    public bool Covers(UnsafeSlice<byte> part) => part.Pointer >= _start && part.Pointer + part.Length <= _start + _length;

    public Memory<byte> Slice(UnsafeSlice<byte> part)
    {
        Debug.Assert(Covers(part), "The part lies in this block.");
        return CreateMemory((int)(part.Pointer - _start), part.Length);
    }

    /// <summary>The memory's lifetime is over. Called by the arena, once.</summary>
    /// <returns>False if it is pinned. The caller then has a pin as well, and lets go of it when it knows what becomes of the memory.</returns>
    public bool TryEnd()
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            int ended = state == 0 ? Ended : (state + 1) | Ended;
            if (Interlocked.CompareExchange(ref _state, ended, state) == state)
            {
                return state == 0;
            }
        }
    }

    /// <summary>For the arena, which has a pin itself after <see cref="TryEnd"/> answered false. Once it is false it stays so.</summary>
    public bool IsPinnedByOthers => (Volatile.Read(ref _state) & ~Ended) > 1;

    /// <summary>Who is to be told when the last pin is gone. Called by the arena, which has a pin itself.</summary>
    public void Detain(DetainedBlock detained) => Volatile.Write(ref _after, detained);

    public override Span<byte> GetSpan()
    {
        Span<byte> memory = new UnsafeSlice<byte>(_start, _length).Tracked;
        return Volatile.Read(ref _state) < 0 ? Stale() : memory;
    }

    /// <summary>Arena memory never moves. While it is pinned it is not used for anything else, also when its request is over.</summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length, nameof(elementIndex));
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (state < 0)
            {
                byte[] stale = Stale();
                var pinned = GCHandle.Alloc(stale, GCHandleType.Pinned);
                return new MemoryHandle((byte*)pinned.AddrOfPinnedObject() + elementIndex, pinned);
            }

            if (Interlocked.CompareExchange(ref _state, state + 1, state) == state)
            {
                return new MemoryHandle(_start + elementIndex, handle: default, pinnable: this);
            }
        }
    }

    public override void Unpin()
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if ((state & ~Ended) == 0)
            {
                return; // More often than it was pinned.
            }

            if (Interlocked.CompareExchange(ref _state, state - 1, state) == state)
            {
                if (state - 1 == Ended)
                {
                    (Volatile.Read(ref _after) as DetainedBlock)?.Release();
                }

                return;
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
    }

    private byte[] Stale()
    {
        _arena.Process.CountStaleUse();
        if (_arena.Process.Debug)
        {
            ThrowHelper.RewoundHandle();
        }

        if (Volatile.Read(ref _after) is byte[] known)
        {
            return known;
        }

        byte[] made = new byte[_length];
        return Interlocked.CompareExchange(ref _after, made, null) as byte[] ?? made;
    }
}
