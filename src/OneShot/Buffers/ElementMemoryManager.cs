using System.Buffers;
using System.Runtime.InteropServices;

namespace OneShot.Buffers;

/// <summary>
/// What a <see cref="Memory{T}"/> of other elements than bytes is backed by. Whether the memory is still its holder's, and pinned,
/// is for the object behind the bytes to know.
/// </summary>
/// <param name="bytes">The bytes of whole elements.</param>
internal sealed unsafe class ElementMemoryManager<T>(Memory<byte> bytes) : MemoryManager<T> where T : unmanaged
{
    public Memory<T> Whole => CreateMemory(bytes.Length / sizeof(T));

    public override Span<T> GetSpan() => MemoryMarshal.Cast<byte, T>(bytes.Span);

    /// <summary>The handle is that of the bytes, and unpins those.</summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)(bytes.Length / sizeof(T)), nameof(elementIndex));
        return bytes[(elementIndex * sizeof(T))..].Pin();
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
