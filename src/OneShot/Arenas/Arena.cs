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
/// <para>One owner at a time: not thread-safe. What it returns is valid until <see cref="Reset"/> or <see cref="Dispose"/>.</para>
/// <para>Dispose it: one that is only forgotten keeps its blocks, because spans may still point at them.</para>
/// <para>All memory is zero when handed out and aligned to 8 bytes or to its type, whichever is more.</para>
/// </remarks>
public sealed unsafe partial class Arena : IDisposable
{
    /// <summary>A cursor beyond its limit: every allocation, an empty one too, takes the slow path.</summary>
    private const nint NoBlock = Alignment.Default;

    private readonly ProcessArena _process;
    private byte* _cursor = (byte*)NoBlock;
    private byte* _limit;

    internal Arena(ProcessArena process)
    {
        _process = process;
        _log = process.Debug ? new AllocationLog() : null;
        _canBePlain = _log is null && process.Policy.LeavesBlocksToArenas;
        _clearsBlocks = process.Policy.ReusesBlocks;
        _isPlain = _canBePlain;
    }

    /// <summary>The arena that blocks are taken from.</summary>
    public ProcessArena Process => _process;

    /// <summary>Bytes handed out since the last <see cref="Reset"/>, with the padding that aligns them.</summary>
    public long Allocated => _allocatedElsewhere + _allocatedForRequest + (_cursor - _start);

    /// <summary>Memory for <paramref name="count"/> elements, all zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> Allocate<T>(int count) where T : unmanaged => MemoryMarshal.CreateSpan(ref *Bump<T>(count), count);

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
        byte* start = (byte*)Alignment.Up((nuint)_cursor, (nuint)effective);
        byte* end = start + Alignment.Up((nuint)(uint)count * (nuint)sizeof(T), Alignment.Default);
        if (end > _limit)
        {
            return MemoryMarshal.CreateSpan(ref *(T*)AllocateSlow(count, sizeof(T), effective), count);
        }

        _cursor = end;
        return MemoryMarshal.CreateSpan(ref *(T*)start, count);
    }

    /// <summary>As <see cref="Allocate{T}(int)"/>, for memory that the caller fills anyway: its content is not promised.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> AllocateUninitialized<T>(int count) where T : unmanaged => MemoryMarshal.CreateSpan(ref *Bump<T>(count), count);

    /// <summary>As <see cref="Allocate{T}(int)"/>, as a handle that can be kept in a field.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UnsafeSlice<T> AllocateUnsafe<T>(int count) where T : unmanaged => new(Bump<T>(count), count);

    /// <summary>A copy of <paramref name="value"/> in the arena: what <c>Box::new_in</c> is to Rust.</summary>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T New<T>(scoped in T value) where T : unmanaged
    {
        T* place = Bump<T>(1);
        *place = value;
        return ref *place;
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
    /// The fast path. The cursor is always a multiple of 8, and an address is far below 2^63, so the sum cannot wrap;
    /// a negative count reads as 2^31 elements or more, which no block holds, and is told apart on the slow path.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T* Bump<T>(int count) where T : unmanaged
    {
        nuint size = Alignment.Up((nuint)(uint)count * (nuint)sizeof(T), Alignment.Default);
        byte* start = _cursor;
        if (Alignment.Of<T>() > Alignment.Default)
        {
            start = (byte*)Alignment.Up((nuint)start, (nuint)Alignment.Of<T>());
        }

        byte* end = start + size;
        if (end > _limit)
        {
            return (T*)AllocateSlow(count, sizeof(T), Alignment.Of<T>());
        }

        _cursor = end;
        return (T*)start;
    }
}
