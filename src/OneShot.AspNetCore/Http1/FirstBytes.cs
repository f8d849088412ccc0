using System.Buffers;

namespace OneShot.AspNetCore.Http1;

internal enum PeekedProtocol : byte
{
    NeedMore,
    Http1,

    /// <summary>HTTP/2 by prior knowledge (RFC 9113 section 3.4), or an endpoint that does not speak HTTP/1.1.</summary>
    Other,

    /// <summary>A TLS record: the front stands before <c>UseHttps()</c>, as it does in the endpoint defaults.</summary>
    Tls,
}

/// <summary>Tells what a connection speaks by the first bytes the client sends.</summary>
internal static class FirstBytes
{
    private const byte TlsHandshakeRecord = 0x16; // RFC 8446 section 5.1

    private static ReadOnlySpan<byte> Http2Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    internal static PeekedProtocol Classify(in ReadOnlySequence<byte> buffer, bool http2)
    {
        if (buffer.IsEmpty)
        {
            return PeekedProtocol.NeedMore;
        }

        if (buffer.FirstSpan[0] == TlsHandshakeRecord)
        {
            return PeekedProtocol.Tls;
        }

        if (!http2)
        {
            return PeekedProtocol.Http1;
        }

        Span<byte> first = stackalloc byte[Http2Preface.Length];
        ReadOnlySequence<byte> head = buffer.Slice(0, Math.Min(buffer.Length, first.Length));
        first = first[..(int)head.Length];
        head.CopyTo(first);
        if (!Http2Preface.StartsWith(first))
        {
            return PeekedProtocol.Http1;
        }

        return first.Length == Http2Preface.Length ? PeekedProtocol.Other : PeekedProtocol.NeedMore;
    }
}
