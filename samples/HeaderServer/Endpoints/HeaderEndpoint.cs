using System.IO.Pipelines;
using System.Text;
using OneShot;
using OneShot.AspNetCore.Headers;

namespace HeaderServer.Endpoints;

/// <summary><c>GET /headers/{name}</c>: the value of one header field, or 404. A field sent more than once gives a line each.</summary>
internal static class HeaderEndpoint
{
    public static Task WriteOne(HttpContext context)
    {
        ReadOnlySpan<byte> name = Utf8(context.Arena, (string)context.Request.RouteValues["name"]!);
        HeaderSpans headers = context.HeaderSpans;
        if (!headers.TryGetValue(name, out _))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        context.Response.ContentType = PlainText.ContentType;
        PipeWriter body = context.Response.BodyWriter;
        bool first = true;
        foreach (ReadOnlySpan<byte> value in headers.GetValues(name))
        {
            PlainText.Append(body, first ? ""u8 : "\n"u8);
            PlainText.Append(body, value);
            first = false;
        }

        return Task.CompletedTask;
    }

    private static ReadOnlySpan<byte> Utf8(RequestArena arena, string text)
    {
        Span<byte> bytes = arena.AllocateUninitialized<byte>(Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }
}
