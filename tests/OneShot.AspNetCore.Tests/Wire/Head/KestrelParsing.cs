using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;

namespace OneShot.AspNetCore.Tests.Wire;

/// <summary>A head as Kestrel's own parser takes it apart.</summary>
internal static class KestrelParsing
{
    /// <summary>Method, target and header lines; null when Kestrel refuses the head or waits for more.</summary>
    public static string? Describe(byte[] head)
    {
        var parser = new HttpParser<Handler>(false);
        var handler = new Handler(new StringBuilder());
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(head));

        // Kestrel's connection skips these before it calls its parser.
        reader.AdvancePastAny((byte)'\r', (byte)'\n');
        try
        {
            return parser.ParseRequestLine(handler, ref reader) && parser.ParseHeaders(handler, ref reader) ? handler.Text.ToString() : null;
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException)
        {
            return null;
        }
    }

    private readonly struct Handler(StringBuilder text) : IHttpRequestLineHandler, IHttpHeadersHandler
    {
        public StringBuilder Text => text;

        public void OnStartLine(HttpVersionAndMethod versionAndMethod, TargetOffsetPathLength targetPath, Span<byte> startLine)
            => text.Append(Encoding.Latin1.GetString(startLine[..versionAndMethod.MethodEnd])).Append(' ')
                .Append(Encoding.Latin1.GetString(startLine[targetPath.Offset..])).Append(' ')
                .Append((int)versionAndMethod.Version).Append('\n');

        public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
            => text.Append(Encoding.Latin1.GetString(name)).Append('|').Append(Encoding.Latin1.GetString(value)).Append('\n');

        public void OnHeadersComplete(bool endStream)
        {
        }

        public void OnStaticIndexedHeader(int index)
        {
        }

        public void OnStaticIndexedHeader(int index, ReadOnlySpan<byte> value)
        {
        }
    }
}
