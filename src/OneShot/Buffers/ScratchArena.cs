using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OneShot.Memory;

namespace OneShot;

/// <summary>
/// A small arena over a buffer of the caller's, of the stack or an array, that goes on in another arena when the buffer is full:
/// what <c>std::pmr::monotonic_buffer_resource</c> is to C++.
/// </summary>
/// <remarks>
/// <para>What it hands out can be stored nowhere where the buffer itself could not be: over a <c>stackalloc</c> the compiler keeps it within the method.
/// Handles that can be kept (lists, <see cref="UnsafeSlice{T}"/>, <see cref="Memory{T}"/>) are for the other arena to make.</para>
/// <para>Pass it by <c>ref</c>: two copies hand out the same bytes. The buffer is the arena's until the last of what came from it is not used any
/// more. What came from the other arena lasts as long as that one's memory.</para>
/// <para>Not thread-safe.</para>
/// </remarks>
public ref struct ScratchArena
{
    private readonly RequestArena _overflow;

    // Begins at a multiple of 8. Where an array moves, it does so by multiples of 8.
    private Span<byte> _free;

    /// <summary>An arena over <paramref name="buffer"/>, whose content does not matter: memory is cleared when it is handed out.</summary>
    /// <param name="buffer">The first memory to hand out.</param>
    /// <param name="overflow">Where the rest comes from, and what is aligned to more than 8 bytes.</param>
    public unsafe ScratchArena(Span<byte> buffer, RequestArena overflow)
    {
        _overflow = overflow;
        int before = (int)((0 - (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer))) % Alignment.Default);
        _free = buffer[Math.Min(before, buffer.Length)..];
    }

    /// <summary>Bytes of the buffer that are not handed out.</summary>
    public readonly int Free => _free.Length;

    /// <summary>Memory for <paramref name="count"/> elements, all zero, aligned to 8 bytes or to the type, whichever is more.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena of the other arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">The buffer is full, and the request of the other arena is over.</exception>
    public unsafe Span<T> Allocate<T>(int count) where T : unmanaged
    {
        // A negative count reads as 2^31 elements or more, which no buffer holds.
        nuint size = Alignment.Up((nuint)(uint)count * (nuint)sizeof(T), Alignment.Default);
        if (Alignment.Of<T>() > Alignment.Default || size > (nuint)_free.Length)
        {
            return _overflow.Allocate<T>(count);
        }

        Span<byte> memory = _free[..(count * sizeof(T))];
        _free = _free[(int)size..];
        memory.Clear();
        return MemoryMarshal.Cast<byte, T>(memory);
    }

    /// <summary>A copy of <paramref name="source"/>.</summary>
    /// <exception cref="ArenaExhaustedException">The process arena of the other arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">The buffer is full, and the request of the other arena is over.</exception>
    public Span<T> Copy<T>(scoped ReadOnlySpan<T> source) where T : unmanaged
    {
        Span<T> copy = Allocate<T>(source.Length);
        source.CopyTo(copy);
        return copy;
    }

    /// <summary>A copy of <paramref name="value"/>.</summary>
    /// <exception cref="ArenaExhaustedException">The process arena of the other arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">The buffer is full, and the request of the other arena is over.</exception>
    public ref T New<T>(scoped in T value) where T : unmanaged
    {
        Span<T> place = Allocate<T>(1);
        place[0] = value;
        return ref place[0];
    }
}
