using System.Buffers;
using System.Diagnostics;
using System.Numerics;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>
/// The chunked coding (RFC 9112 section 7.1), written in place: room for the size line is left in front of the memory that the
/// application fills, so that a chunk needs no second buffer.
/// </summary>
internal sealed class ChunkWriter(QueuedPipeWriter output)
{
    private const int LineEnd = 2;
    internal const int LongestSizeLine = 8 + LineEnd; // a chunk is at most int.MaxValue bytes: 8 hex digits

    private Memory<byte> _lease;
    private int _sizeLine;
    private int _pending;

    private static ReadOnlySpan<byte> LastChunk => "0\r\n\r\n"u8;

    /// <summary>Bytes in the chunk that is being filled.</summary>
    internal int Pending => _pending;

    internal Memory<byte> GetMemory(int sizeHint)
    {
        int needed = Math.Max(sizeHint, 1);
        if (_lease.Length - _sizeLine - _pending - LineEnd < needed)
        {
            Commit();
            _lease = output.GetMemory(checked(needed + LongestSizeLine + LineEnd));
            _sizeLine = HexDigits(_lease.Length) + LineEnd;
        }

        int start = _sizeLine + _pending;
        return _lease[start..^LineEnd];
    }

    internal void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Math.Max(0, _lease.Length - _sizeLine - _pending - LineEnd));
        _pending += bytes;
    }

    /// <summary>Hands the chunk that is being filled, if any, to the transport's buffer.</summary>
    internal void Commit()
    {
        if (_pending > 0)
        {
            Span<byte> span = _lease.Span;
            int sizeLine = HexDigits(_pending) + LineEnd;
            if (sizeLine < _sizeLine)
            {
                // Fewer digits than left room for: at most a sixteenth of the buffer is in use, so there is little to move.
                span.Slice(_sizeLine, _pending).CopyTo(span[sizeLine..]);
            }

            WriteSizeLine(span, _pending);
            "\r\n"u8.CopyTo(span[(sizeLine + _pending)..]);
            output.Advance(sizeLine + _pending + LineEnd);
        }

        Reset();
    }

    /// <summary>A chunk of its own for bytes that are there already.</summary>
    internal void Write(ReadOnlySpan<byte> source)
    {
        Debug.Assert(source.Length > 0, "an empty chunk is the last one");
        Commit();
        int sizeLine = HexDigits(source.Length) + LineEnd;
        Span<byte> span = output.GetSpan(LongestSizeLine);
        int whole = sizeLine + source.Length + LineEnd;
        WriteSizeLine(span, source.Length);
        if (span.Length >= whole)
        {
            source.CopyTo(span[sizeLine..]);
            "\r\n"u8.CopyTo(span[(whole - LineEnd)..]);
            output.Advance(whole);
            return;
        }

        output.Advance(sizeLine);
        output.Write(source);
        output.Write("\r\n"u8);
    }

    internal void End()
    {
        Commit();
        output.Write(LastChunk);
    }

    internal void Reset()
    {
        _lease = default;
        _sizeLine = 0;
        _pending = 0;
    }

    private static int HexDigits(int value) => (BitOperations.Log2((uint)value) / 4) + 1;

    /// <summary>The chunk's first line; returns its length.</summary>
    internal static int WriteSizeLine(Span<byte> span, int size)
    {
        int digits = HexDigits(size);
        for (int i = digits - 1, rest = size; i >= 0; i--, rest >>= 4)
        {
            span[i] = "0123456789abcdef"u8[rest & 0xF];
        }

        span[digits] = (byte)'\r';
        span[digits + 1] = (byte)'\n';
        return digits + LineEnd;
    }
}
