using System.Runtime.CompilerServices;
using OneShot.Buffers;

namespace OneShot;

/// <summary>Buffers over arena memory that outlive a stack frame, and text written into the arena.</summary>
public sealed unsafe partial class Arena
{
    // Of the block being bumped in and the marks around; those of outer marks hang behind it.
    private ArenaMemoryManager? _memory;

    /// <summary>
    /// Memory for <paramref name="count"/> bytes, all zero, as a handle that can be kept in a field and cross an
    /// <see langword="await"/>. Every use checks that the request is not over and no mark around the allocation was rewound.
    /// </summary>
    /// <remarks>
    /// Slicing allocates nothing. The first call in a block allocates one object on the GC heap, which the block's other
    /// memory shares; a mark, and an allocation with a block of its own, have their own. What was taken from it before,
    /// a <see cref="Span{T}"/> or a pinned pointer, is not checked: it is valid as long as the memory is.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    public Memory<byte> AllocateMemory(int count) => MemoryOver(AllocateUnsafe<byte>(count), Lifetime);

    /// <summary>A writer into this arena, valid until the request ends. One object on the GC heap; it can be used again: see <see cref="ArenaBufferWriter.Reset()"/>.</summary>
    /// <param name="initialCapacity">Bytes to take at the first write, at least.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="initialCapacity"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed.</exception>
    public ArenaBufferWriter CreateWriter(int initialCapacity = ArenaBufferWriter.DefaultCapacity)
    {
        ThrowIfUnusable();
        return new ArenaBufferWriter(this, initialCapacity);
    }

    /// <summary>An empty list in this arena, valid until the request ends. Allocates nothing on the GC heap.</summary>
    /// <param name="capacity">Elements to make room for.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    public ArenaList<T> CreateList<T>(int capacity = 0) where T : unmanaged
    {
        ThrowIfUnusable();
        return new ArenaList<T>(this, capacity);
    }

    /// <summary>
    /// An interpolated string as UTF-8 in this arena, in the current culture: no string is made and nothing boxed. Valid
    /// until the request ends, or a mark around the call is rewound.
    /// </summary>
    /// <remarks>Holes may be UTF-8 themselves. Alignment counts UTF-16 code units, as in a string.</remarks>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or reset or rewound by one of the holes.</exception>
    public ReadOnlySpan<byte> Utf8([InterpolatedStringHandlerArgument("")] scoped ref ArenaUtf8InterpolatedStringHandler text) => text.Complete(this);

    /// <summary>As <see cref="Utf8(ref ArenaUtf8InterpolatedStringHandler)"/>, in the culture of <paramref name="provider"/>.</summary>
    /// <param name="provider">A culture, or a custom formatter; null for the current culture.</param>
    /// <param name="text">The interpolated string.</param>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or reset or rewound by one of the holes.</exception>
#pragma warning disable IDE0060, CA1801 // The compiler hands the provider to the handler.
    public ReadOnlySpan<byte> Utf8(IFormatProvider? provider, [InterpolatedStringHandlerArgument("", nameof(provider))] scoped ref ArenaUtf8InterpolatedStringHandler text) => text.Complete(this);
#pragma warning restore IDE0060, CA1801

    /// <summary>An interpolated string as UTF-16 in this arena; otherwise as <see cref="Utf8(ref ArenaUtf8InterpolatedStringHandler)"/>.</summary>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or reset or rewound by one of the holes.</exception>
    public ReadOnlySpan<char> Utf16([InterpolatedStringHandlerArgument("")] scoped ref ArenaUtf16InterpolatedStringHandler text) => text.Complete(this);

    /// <summary>As <see cref="Utf16(ref ArenaUtf16InterpolatedStringHandler)"/>, in the culture of <paramref name="provider"/>.</summary>
    /// <param name="provider">A culture, or a custom formatter; null for the current culture.</param>
    /// <param name="text">The interpolated string.</param>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or reset or rewound by one of the holes.</exception>
#pragma warning disable IDE0060, CA1801 // The compiler hands the provider to the handler.
    public ReadOnlySpan<char> Utf16(IFormatProvider? provider, [InterpolatedStringHandlerArgument("", nameof(provider))] scoped ref ArenaUtf16InterpolatedStringHandler text) => text.Complete(this);
#pragma warning restore IDE0060, CA1801

    /// <summary>A handle over memory of this arena, checked against the lifetime the memory has.</summary>
    internal Memory<byte> MemoryOver(UnsafeSlice<byte> part, ArenaLifetime lifetime)
    {
        if (part.IsEmpty)
        {
            return default;
        }

        while (_memory is { IsOver: true } over)
        {
            _memory = over.Outer;
        }

        if (_memory is not null && _memory.Covers(part, lifetime))
        {
            return _memory.Slice(part);
        }

        bool isInBlock = part.Pointer >= _start && part.Pointer < _limit && _limit - _start <= int.MaxValue;
        if (!isInBlock || lifetime != Lifetime)
        {
            return new ArenaMemoryManager(this, lifetime, part.Pointer, part.Length, outer: null).Slice(part);
        }

        // The one of the block before, under the same marks, is not asked for again.
        ArenaMemoryManager? outer = _memory is not null && _memory.Lifetime == lifetime ? _memory.Outer : _memory;
        _memory = new ArenaMemoryManager(this, lifetime, _start, (int)(_limit - _start), outer);
        return _memory.Slice(part);
    }

    /// <summary>
    /// Makes room for <paramref name="needed"/> elements, twice as many as before if it can: in place at the tip of the
    /// block, else in a copy. The old memory stays as it is, so that whoever still looks at it sees what it saw.
    /// </summary>
    internal void Grow<T>(ref UnsafeSlice<T> buffer, int used, int needed) where T : unmanaged
    {
        int doubled = Math.Max(needed, (int)Math.Min(buffer.Length * 2L, Array.MaxLength));
        if (buffer.IsDefault)
        {
            buffer = AllocateUnsafe<T>(doubled);
            return;
        }

        // The last of a block is worth taking if it is enough for now: a copy would leave the buffer and the rest unused.
        long inPlace = buffer.Length + (long)(Room / (nuint)sizeof(T));
        if (TryResize(ref buffer, doubled) || (inPlace >= needed && TryResize(ref buffer, (int)Math.Min(inPlace, doubled))))
        {
            return;
        }

        UnsafeSlice<T> larger = AllocateUnsafe<T>(doubled);
        buffer.Span[..used].CopyTo(larger.Span);
        buffer = larger;
    }
}
