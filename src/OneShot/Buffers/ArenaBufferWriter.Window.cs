using System.Buffers;

namespace OneShot;

/// <summary>The memory that <see cref="GetMemory"/> answers with.</summary>
public sealed partial class ArenaBufferWriter
{
    /// <summary>Sees the writer's memory wherever it has moved to, and only while it is the writer's.</summary>
    private sealed unsafe class Window(ArenaBufferWriter writer) : MemoryManager<byte>
    {
        public Memory<byte> Free => CreateMemory(writer._buffer.Count, writer._buffer.FreeCapacity);

        public override Span<byte> GetSpan() => writer.Live.Memory.Span;

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            UnsafeSlice<byte> memory = writer.Live.Memory;
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)memory.Length, nameof(elementIndex));
            return new MemoryHandle(memory.Pointer + elementIndex, handle: default, pinnable: this);
        }

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
