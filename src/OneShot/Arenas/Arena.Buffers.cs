using System.Runtime.CompilerServices;
using OneShot.Buffers;

namespace OneShot;

/// <summary>Buffers over arena memory that outlive a stack frame, and text written into the arena.</summary>
public sealed unsafe partial class Arena
{
    /// <summary>
    /// Memory for <paramref name="count"/> bytes, all zero, as a handle that can be kept in a field and cross an
    /// <see langword="await"/>. Every use checks that the request is not over and no mark around the allocation was rewound.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A use that comes too late sees memory of the GC heap that nobody else sees, and is counted (<see cref="ArenaStatistics.StaleUses"/>): it is
    /// often made by I/O that was given up, on a thread where an exception ends the process. Under
    /// <see cref="ProcessArenaOptions.Debug"/> it is an <see cref="ObjectDisposedException"/>. Memory that is pinned when its
    /// request ends is used for nothing else until the last pin is let go.
    /// </para>
    /// <para>
    /// Slicing allocates nothing. The first call in a block allocates one object on the GC heap, which the block's other
    /// memory shares; a mark, and an allocation with a block of its own, have their own. A <see cref="Span{T}"/> that was taken
    /// from it before is not checked: it is valid as long as the memory is.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    public Memory<byte> AllocateMemory(int count)
    {
        ArenaLifetime lifetime = Lifetime; // before the memory is taken: should the request end in between, it is known to be over
        return MemoryOver(AllocateUnsafe<byte>(count), lifetime);
    }

    /// <summary>As <see cref="AllocateMemory(int)"/>, for <paramref name="count"/> elements. Each call allocates an object on the GC heap besides.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative, or the elements are more bytes than an array can have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    public Memory<T> AllocateMemory<T>(int count) where T : unmanaged
    {
        if (typeof(T) == typeof(byte))
        {
            Memory<byte> bytes = AllocateMemory(count);
            return Unsafe.As<Memory<byte>, Memory<T>>(ref bytes);
        }

        long size = (long)count * sizeof(T);
        if (size > Array.MaxLength)
        {
            ThrowHelper.MemoryTooLong(count, size);
        }

        ArenaLifetime lifetime = Lifetime;
        UnsafeSlice<T> elements = AllocateUnsafe<T>(count);
        if (elements.IsEmpty)
        {
            return default;
        }

        FaultInjection.Allocation();
        return new ElementMemoryManager<T>(MemoryOver(new UnsafeSlice<byte>((byte*)elements.Pointer, (int)size), lifetime)).Whole;
    }

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

    /// <summary>An empty queue in this arena, valid until the request ends. Allocates nothing on the GC heap.</summary>
    /// <param name="capacity">Elements to make room for.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    public ArenaQueue<T> CreateQueue<T>(int capacity = 0) where T : unmanaged
    {
        ThrowIfUnusable();
        return new ArenaQueue<T>(this, capacity);
    }

    /// <summary>An empty dictionary in this arena, valid until the request ends. Allocates nothing on the GC heap.</summary>
    /// <param name="capacity">Keys to make room for.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative, or more than an array could have elements.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    public ArenaDictionary<TKey, TValue> CreateDictionary<TKey, TValue>(int capacity = 0)
        where TKey : unmanaged, IEquatable<TKey>
        where TValue : unmanaged
    {
        ThrowIfUnusable();
        return new ArenaDictionary<TKey, TValue>(this, capacity);
    }

    /// <summary>An empty dictionary in this arena whose keys are bytes, valid until the request ends. Allocates nothing on the GC heap.</summary>
    /// <param name="capacity">Keys to make room for, without their bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative, or more than an array could have elements.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    public ArenaBytesDictionary<TValue> CreateBytesDictionary<TValue>(int capacity = 0) where TValue : unmanaged
    {
        ThrowIfUnusable();
        return new ArenaBytesDictionary<TValue>(this, capacity);
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

    /// <summary>
    /// Makes room for <paramref name="needed"/> elements, twice as many as before if it can: in place at the tip of the
    /// block, else in a copy. The old memory stays as it is, so that whoever still looks at it sees what it saw.
    /// </summary>
    /// <param name="buffer">What grows.</param>
    /// <param name="used">The part of it that is to be kept.</param>
    /// <param name="needed">Elements that it has afterwards, at least.</param>
    /// <param name="lifetime">How long what grows is whose who calls: if it is over meanwhile, nothing is resized, and the caller gets memory that it finds to be over.</param>
    internal void Grow<T>(ref UnsafeSlice<T> buffer, scoped ReadOnlySpan<T> used, int needed, in ArenaLifetime lifetime) where T : unmanaged
    {
        int doubled = Math.Max(needed, (int)Math.Min(buffer.Length * 2L, Array.MaxLength));
        if (buffer.IsDefault)
        {
            buffer = AllocateUnsafe<T>(doubled);
            return;
        }

        // The last of a block is worth taking if it is enough for now: a copy would leave the buffer and the rest unused.
        long inPlace = buffer.Length + (RoomSeen / sizeof(T));
        if (TryResizeLive(ref buffer, doubled, lifetime) || (inPlace >= needed && TryResizeLive(ref buffer, (int)Math.Min(inPlace, doubled), lifetime)))
        {
            return;
        }

        Span<T> larger = AllocateUninitialized<T>(doubled);
        used.CopyTo(larger);
        buffer = UnsafeSlice<T>.Of(larger);
    }
}
