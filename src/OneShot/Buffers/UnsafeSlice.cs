using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot;

/// <summary>
/// A span over arena memory that can be kept in a field. It knows nothing of its arena's life: the caller guarantees
/// that it is not used after <see cref="Arena.Reset"/> or <see cref="Arena.Dispose"/>.
/// </summary>
public readonly unsafe struct UnsafeSlice<T> where T : unmanaged
{
    internal UnsafeSlice(T* pointer, int length)
    {
        Pointer = pointer;
        Length = length;
    }

    /// <summary>Elements, not bytes.</summary>
    public int Length { get; }

    /// <summary>Whether there are no elements.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>Whether this is the default value, which no arena handed out.</summary>
    public bool IsDefault => Pointer is null;

    /// <summary>The elements.</summary>
    public Span<T> Span => MemoryMarshal.CreateSpan(ref *Pointer, Length);

    internal T* Pointer { get; }

    /// <summary>
    /// The elements, for those who ask afterwards whether they still are theirs. If they are, they were when the span was made, and the span keeps a pinned array alive
    /// from there on, whoever ends the request meanwhile. A call, because the compiler makes a span that it sees the address of where it likes.
    /// </summary>
    internal Span<T> Tracked
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        get => Span;
    }

    /// <summary>The address of a span over arena memory: taken last, since it keeps nothing alive.</summary>
    internal static UnsafeSlice<T> Of(Span<T> memory) => new((T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory)), memory.Length);

    /// <summary>The part of <paramref name="length"/> elements from <paramref name="start"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within this slice.</exception>
    public UnsafeSlice<T> Slice(int start, int length)
    {
        if ((ulong)(uint)start + (uint)length > (uint)Length)
        {
            ThrowHelper.SliceOutOfRange(start, length, Length);
        }

        return new UnsafeSlice<T>(Pointer + start, length);
    }
}
