using System.IO.Pipelines;
using OneShot.AspNetCore.Headers;

namespace HeaderServer.Endpoints;

/// <summary><c>GET /headers</c>: every header field as a line, in wire order and case. No string is made on the way.</summary>
internal static class HeadersEndpoint
{
    public static Task WriteAll(HttpContext context)
    {
        HeaderSpans headers = context.HeaderSpans;
        context.Response.ContentType = PlainText.ContentType;
        context.Response.ContentLength = Measure(headers);

        PipeWriter body = context.Response.BodyWriter;
        foreach ((ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) in headers)
        {
            PlainText.Append(body, name);
            PlainText.Append(body, ": "u8);
            PlainText.Append(body, value);
            PlainText.Append(body, "\n"u8);
        }

        return Task.CompletedTask;
    }

    private static long Measure(HeaderSpans headers)
    {
        long length = 0;
        foreach ((ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) in headers)
        {
            length += name.Length + ": "u8.Length + value.Length + "\n"u8.Length;
        }

        return length;
    }
}
