using System.Numerics;

namespace OneShot.AspNetCore.Wire;

/// <summary>How a chunk is written (RFC 9112 section 7.1): its size line, its end, the last chunk. The only place that knows.</summary>
internal static class ChunkFormat
{
    /// <summary>Bytes of a chunk's end.</summary>
    internal const int EndLength = 2;

    /// <summary>A chunk is at most <see cref="int.MaxValue"/> bytes: 8 hex digits.</summary>
    internal const int LongestSizeLine = 8 + LineEnd;

    private const int LineEnd = 2;

    /// <summary>A chunk of no bytes, and no trailers behind it.</summary>
    internal static ReadOnlySpan<byte> LastChunk => "0\r\n\r\n"u8;

    /// <summary>Bytes of the size line of a chunk of that many bytes.</summary>
    internal static int SizeLineLength(int size) => HexDigits(size) + LineEnd;

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

    /// <summary>What stands behind the bytes of a chunk; returns its length.</summary>
    internal static int WriteEnd(Span<byte> span)
    {
        "\r\n"u8.CopyTo(span);
        return EndLength;
    }

    private static int HexDigits(int value) => (BitOperations.Log2((uint)value) / 4) + 1;
}
