using System.Buffers;
using OneShot.Buffers;

namespace OneShot;

/// <summary>
/// Bytes written one after another into an arena, by itself or under a <c>Utf8JsonWriter</c>. It grows in place while it
/// is the newest in its block; otherwise it moves to memory twice as large, and the old stays behind until the request ends.
/// </summary>
/// <remarks>
/// <para>Valid until the request of its arena ends, or a mark is rewound under which it last took memory: from then on every
/// member but <see cref="Reset()"/> and <see cref="Reset(Arena)"/> throws <see cref="ObjectDisposedException"/>.</para>
/// <para>Not thread-safe, as its arena.</para>
/// </remarks>
public sealed class ArenaBufferWriter : IBufferWriter<byte>
{
    internal const int DefaultCapacity = 256;

    private readonly int _initialCapacity;
    private ArenaBuffer<byte> _buffer;
    private Memory<byte> _memory;
    private RequestArena? _request;

    /// <summary>A writer that takes no memory before the first write.</summary>
    /// <param name="arena">Where to write.</param>
    /// <param name="initialCapacity">Bytes to take at the first write, at least.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="initialCapacity"/> is negative.</exception>
    public ArenaBufferWriter(Arena arena, int initialCapacity = DefaultCapacity)
    {
        ArgumentNullException.ThrowIfNull(arena);
        ArgumentOutOfRangeException.ThrowIfNegative(initialCapacity);
        _initialCapacity = initialCapacity;
        _buffer = new ArenaBuffer<byte>(arena);
    }

    /// <summary>A writer that a request was given: it begins again in that request only.</summary>
    internal ArenaBufferWriter(RequestArena arena, int initialCapacity) : this(arena.Live, initialCapacity) => _request = arena;

    /// <summary>Bytes written.</summary>
    public int WrittenCount => Live.Count;

    /// <summary>Bytes that fit in all before the writer has to grow.</summary>
    public int Capacity => Live.Capacity;

    /// <summary>Bytes that fit yet before the writer has to grow.</summary>
    public int FreeCapacity => Live.FreeCapacity;

    /// <summary>
    /// What was written. Stays as it is while more is written, also when the writer moves, until the request ends or
    /// <see cref="ResetWrittenCount"/> begins again in the same memory.
    /// </summary>
    public ReadOnlySpan<byte> WrittenSpan => Live.Written;

    /// <summary>
    /// As <see cref="WrittenSpan"/>, as a handle that checks at every use that the memory is still what it was taken for:
    /// see <see cref="Arena.AllocateMemory(int)"/>, also for the object it may allocate.
    /// </summary>
    public ReadOnlyMemory<byte> WrittenMemory
    {
        get
        {
            int count = Live.Count;
            return Whole[..count];
        }
    }

    /// <summary>Written and free, as a handle.</summary>
    private Memory<byte> Whole
    {
        get
        {
            if (_memory.IsEmpty)
            {
                _memory = _buffer.Arena.MemoryOver(_buffer.Memory, _buffer.Lifetime);
            }

            return _memory;
        }
    }

    private ref ArenaBuffer<byte> Live
    {
        get
        {
            _buffer.ThrowIfOver();
            return ref _buffer;
        }
    }

    /// <summary>Counts bytes as written that were put into what <see cref="GetSpan"/> or <see cref="GetMemory"/> returned.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">There was not as much room.</exception>
    public void Advance(int count)
    {
        ref ArenaBuffer<byte> buffer = ref Live;
        if (count < 0)
        {
            ThrowHelper.NegativeCount(count);
        }

        if (count > buffer.FreeCapacity)
        {
            ThrowHelper.AdvancedPastTheEnd(count, buffer.FreeCapacity);
        }

        buffer.Advance(count);
    }

    /// <summary>Room for at least <paramref name="sizeHint"/> bytes, and never none. Valid until the next call to the writer.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="sizeHint"/> is negative, or more in all than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.Free;
    }

    /// <summary>
    /// As <see cref="GetSpan"/>, as a handle that checks at every use that the memory is still what it was taken for: see
    /// <see cref="Arena.AllocateMemory(int)"/>, also for the object it may allocate.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="sizeHint"/> is negative, or more in all than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return Whole[_buffer.Count..];
    }

    /// <summary>Writes a copy of <paramref name="source"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More in all than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public void Write(ReadOnlySpan<byte> source)
    {
        if (source.Length > _buffer.FreeCapacity)
        {
            Reserve(source.Length);
        }

        source.CopyTo(_buffer.Free); // asks whether it still is the writer's
        _buffer.Advance(source.Length);
    }

    /// <summary>Gives room that is not written back to the arena, if nothing was allocated behind it. For a writer that is done.</summary>
    public void TrimExcess()
    {
        Live.Trim();
        _memory = default;
    }

    /// <summary>Begins again in the same memory: what <see cref="WrittenSpan"/> returned before will be overwritten.</summary>
    public void ResetWrittenCount() => Live.Clear();

    /// <summary>Begins again for the present request of its arena, in memory of its own: this is how a writer is kept from request to request.</summary>
    /// <exception cref="ObjectDisposedException">A request was given it, by its <see cref="RequestArena"/>, which is over: its arena is somebody else's.</exception>
    public void Reset() => Begin(_request is { } request ? request.Live : _buffer.Arena);

    /// <summary>Begins again for the present request of <paramref name="arena"/>, in memory of its own.</summary>
    public void Reset(Arena arena)
    {
        ArgumentNullException.ThrowIfNull(arena);
        Begin(arena);
        _request = null;
    }

    /// <summary>Begins again for the request of <paramref name="arena"/>, in memory of its own: this is how a server keeps a writer.</summary>
    /// <exception cref="ObjectDisposedException">That request is over.</exception>
    public void Reset(RequestArena arena)
    {
        Begin(arena.Live);
        _request = arena;
    }

    /// <summary>For who keeps a writer between documents: lets go of the arena. The next call is a <see cref="Reset(RequestArena)"/>.</summary>
    internal void Detach()
    {
        _buffer = default;
        _memory = default;
        _request = null;
    }

    private void Begin(Arena arena)
    {
        _buffer = new ArenaBuffer<byte>(arena);
        _memory = default;
    }

    private void Reserve(int sizeHint)
    {
        if (sizeHint < 0)
        {
            ThrowHelper.NegativeSizeHint(sizeHint);
        }

        ref ArenaBuffer<byte> buffer = ref Live;
        int more = Math.Max(1, sizeHint);
        if (more > buffer.FreeCapacity)
        {
            buffer.Grow(buffer.Capacity == 0 ? Math.Max(more, _initialCapacity) : more);
            _memory = default;
        }
    }
}
