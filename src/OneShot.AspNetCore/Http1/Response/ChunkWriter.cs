using System.Buffers;
using System.Diagnostics;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>
/// The chunked coding (RFC 9112 section 7.1), written in place: room for the size line is left in front of the memory that the
/// application fills, so that a chunk needs no second buffer.
/// </summary>
internal sealed class ChunkWriter(ConcurrentPipeWriter output)
{
    private Memory<byte> _lease;
    private int _sizeLine;
    private int _pending;

    /// <summary>Bytes in the chunk that is being filled.</summary>
    internal int Pending => _pending;

    internal Memory<byte> GetMemory(int sizeHint)
    {
        int needed = Math.Max(sizeHint, 1);
        if (_lease.Length - _sizeLine - _pending - ChunkFormat.EndLength < needed)
        {
            Commit();
            _lease = output.GetMemory(checked(needed + ChunkFormat.LongestSizeLine + ChunkFormat.EndLength));
            _sizeLine = ChunkFormat.SizeLineLength(_lease.Length);
        }

        int start = _sizeLine + _pending;
        return _lease[start..^ChunkFormat.EndLength];
    }

    internal void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Math.Max(0, _lease.Length - _sizeLine - _pending - ChunkFormat.EndLength));
        _pending += bytes;
    }

    /// <summary>Hands the chunk that is being filled, if any, to the transport's buffer.</summary>
    internal void Commit()
    {
        if (_pending > 0)
        {
            Span<byte> span = _lease.Span;
            int sizeLine = ChunkFormat.SizeLineLength(_pending);
            if (sizeLine < _sizeLine)
            {
                // Fewer digits than left room for: at most a sixteenth of the buffer is in use, so there is little to move.
                span.Slice(_sizeLine, _pending).CopyTo(span[sizeLine..]);
            }

            ChunkFormat.WriteSizeLine(span, _pending);
            ChunkFormat.WriteEnd(span[(sizeLine + _pending)..]);
            output.Advance(sizeLine + _pending + ChunkFormat.EndLength);
        }

        Reset();
    }

    /// <summary>A chunk of its own for bytes that are there already.</summary>
    internal void Write(ReadOnlySpan<byte> source)
    {
        Debug.Assert(source.Length > 0, "an empty chunk is the last one");
        Commit();
        int sizeLine = ChunkFormat.SizeLineLength(source.Length);
        Span<byte> span = output.GetSpan(ChunkFormat.LongestSizeLine);
        int whole = sizeLine + source.Length + ChunkFormat.EndLength;
        ChunkFormat.WriteSizeLine(span, source.Length);
        if (span.Length >= whole)
        {
            source.CopyTo(span[sizeLine..]);
            ChunkFormat.WriteEnd(span[(whole - ChunkFormat.EndLength)..]);
            output.Advance(whole);
            return;
        }

        output.Advance(sizeLine);
        output.Write(source);
        output.Advance(ChunkFormat.WriteEnd(output.GetSpan(ChunkFormat.EndLength)));
    }

    internal void End()
    {
        Commit();
        output.Write(ChunkFormat.LastChunk);
    }

    internal void Reset()
    {
        _lease = default;
        _sizeLine = 0;
        _pending = 0;
    }
}
