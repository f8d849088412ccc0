using System.Buffers;

namespace HeaderServer.Endpoints;

/// <summary>Bytes onto a response body. The server sends them when the request ends.</summary>
internal static class PlainText
{
    public const string ContentType = "text/plain; charset=utf-8";

    public static void Append(IBufferWriter<byte> body, ReadOnlySpan<byte> text) => body.Write(text);
}
