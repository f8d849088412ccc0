using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OneShot.Memory;

namespace OneShot;

/// <summary>
/// A bump allocator for one request, one frame, one job: it takes blocks from a <see cref="ProcessArena"/> and moves a
/// plain pointer forward in them. Nothing is freed one by one; <see cref="Reset"/> ends the request.
/// </summary>
/// <remarks>
/// <para>One owner at a time: not thread-safe. What it returns is valid until <see cref="Reset"/> or <see cref="Dispose"/>.
/// Two threads in it at once may be given the same bytes of it, or see its request end; they never change memory that is another arena's.</para>
/// <para>Dispose it: one that is only forgotten keeps its blocks, because spans may still point at them.</para>
/// <para>All memory is zero when handed out and aligned to 8 bytes or to its type, whichever is more.</para>
/// </remarks>
public sealed unsafe partial class Arena : IDisposable
{
    /// <summary>A limit before every cursor: all allocations, empty ones too, take the slow path.</summary>
    private const nint Closed = -1;

    private readonly ProcessArena _process;

    // What the fast path works with, without the gate: where a block begins, and cursor and limit as offsets in it. Two threads in one
    // arena may read one of the three of this block and another of that, and store a cursor that they took from a block that is left.
    // It makes no difference to others: a cursor is never negative, a limit never more than _reach, and every _base ever stored
    // has _reach bytes of one block behind it. So whatever passes the limit lies in a block that was this arena's within the call.
    private nint _cursor;
    private nint _limit = Closed;
    private byte* _base;

    internal Arena(ProcessArena process)
    {
        _process = process;
        _reach = (nint)process.Policy.RoundUp(process.StandardBlock);
        _log = process.Debug ? new AllocationLog() : null;
        _canBePlain = _log is null && process.Policy.LeavesBlocksToArenas;
        _clearsBlocks = process.Policy.ReusesBlocks;
        _isPlain = _canBePlain;
    }

    /// <summary>The arena that blocks are taken from.</summary>
    public ProcessArena Process => _process;

    /// <summary>Bytes handed out since the last <see cref="Reset"/>, with the padding that aligns them.</summary>
    public long Allocated => _allocatedElsewhere + _allocatedForRequest + (_cursor - _first);

    /// <summary>Memory for <paramref name="count"/> elements, all zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> Allocate<T>(int count) where T : unmanaged => MemoryMarshal.CreateSpan(ref Bump<T>(count), count);

    /// <summary>As <see cref="Allocate{T}(int)"/>, at a multiple of <paramref name="alignment"/> bytes.</summary>
    /// <param name="count">Elements, not negative.</param>
    /// <param name="alignment">A power of two up to the page size. The type's own alignment and 8 hold in any case.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative, or <paramref name="alignment"/> no power of two up to the page size.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    public Span<T> AllocateAligned<T>(int count, int alignment) where T : unmanaged
    {
        if (!BitOperations.IsPow2(alignment) || (nuint)alignment > PageSize.Bytes)
        {
            ThrowHelper.BadAlignment(alignment);
        }

        int effective = Math.Max(alignment, Alignment.Of<T>());
        nint limit = Volatile.Read(ref _limit); // first: where it is not closed, there is a block
        byte* block = _base;
        nint start = (nint)(Alignment.Up((nuint)block + (nuint)_cursor, (nuint)effective) - (nuint)block);
        nint end = start + (nint)Alignment.Up((nuint)(uint)count * (nuint)sizeof(T), Alignment.Default);
        if (end > limit)
        {
            return MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref AllocateSlow(count, sizeof(T), effective)), count);
        }

        _cursor = end;
        return MemoryMarshal.CreateSpan(ref *(T*)(block + start), count);
    }

    /// <summary>As <see cref="Allocate{T}(int)"/>, for memory that the caller fills anyway: its content is not promised.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> AllocateUninitialized<T>(int count) where T : unmanaged => MemoryMarshal.CreateSpan(ref Bump<T>(count), count);

    /// <summary>As <see cref="Allocate{T}(int)"/>, as a handle that can be kept in a field.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UnsafeSlice<T> AllocateUnsafe<T>(int count) where T : unmanaged => new((T*)Unsafe.AsPointer(ref Bump<T>(count)), count);

    /// <summary>A copy of <paramref name="value"/> in the arena: what <c>Box::new_in</c> is to Rust.</summary>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T New<T>(scoped in T value) where T : unmanaged
    {
        ref T place = ref Bump<T>(1);
        place = value;
        return ref place;
    }

    /// <summary>A copy of <paramref name="source"/> in the arena.</summary>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    public Span<byte> Copy(ReadOnlySpan<byte> source)
    {
        Span<byte> copy = AllocateUninitialized<byte>(source.Length);
        source.CopyTo(copy);
        return copy;
    }

    /// <summary>A copy of <paramref name="source"/> in the arena.</summary>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    public Span<T> Copy<T>(ReadOnlySpan<T> source) where T : unmanaged
    {
        Span<T> copy = AllocateUninitialized<T>(source.Length);
        source.CopyTo(copy);
        return copy;
    }

    /// <summary>
    /// The fast path. The cursor is an offset of less than 2^32, the limit one of less than 2^29, so the sum cannot wrap; a negative count reads as 2^31 elements
    /// or more, which is beyond every limit, and is told apart on the slow path. Each field is read once: the runtime adds no reads.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref T Bump<T>(int count) where T : unmanaged
    {
        nint size = (nint)Alignment.Up((nuint)(uint)count * (nuint)sizeof(T), Alignment.Default);
        nint start = _cursor;
        if (Alignment.Of<T>() > Alignment.Default)
        {
            start = (nint)Alignment.Up((nuint)start, (nuint)Alignment.Of<T>()); // the block begins at a multiple of it
        }

        nint end = start + size;
        if (end > _limit)
        {
            return ref Unsafe.As<byte, T>(ref AllocateSlow(count, sizeof(T), Alignment.Of<T>()));
        }

        _cursor = end;
        return ref *(T*)(_base + start);
    }
}
