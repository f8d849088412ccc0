using System.Buffers;

namespace OneShot.AspNetCore.Http1;

internal enum PeekedProtocol : byte
{
    NeedMore,
    Http1,

    /// <summary>HTTP/2 by prior knowledge (RFC 9113 section 3.4).</summary>
    Http2,
}

/// <summary>Tells what a connection speaks by the first bytes the client sends.</summary>
internal static class FirstBytes
{
    private static ReadOnlySpan<byte> Http2Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    internal static PeekedProtocol Classify(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> first = stackalloc byte[Http2Preface.Length];
        ReadOnlySequence<byte> head = buffer.Slice(0, Math.Min(buffer.Length, first.Length));
        first = first[..(int)head.Length];
        head.CopyTo(first);
        if (!Http2Preface.StartsWith(first))
        {
            return PeekedProtocol.Http1;
        }

        return first.Length == Http2Preface.Length ? PeekedProtocol.Http2 : PeekedProtocol.NeedMore;
    }
}
