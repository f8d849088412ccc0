using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace OneShot.Differential.Tests.Application;

/// <summary>Ways to set response headers, well and badly.</summary>
internal static class HeaderBehaviours
{
    /// <summary>Values that are refused, or not, when they are set; chosen by the number in the path.</summary>
    private static readonly (string Name, string Value)[] s_hostile =
    [
        ("X-Split", "a\r\nInjected: yes"),
        ("X-Split", "a\nInjected: yes"),
        ("X-Split", "a\rb"),
        ("X-Nul", "a\0b"),
        ("X-Bell", "a\ab"),
        ("X-Delete", "a\u007Fb"),
        ("X-Tab", "a\tb"),
        ("X-Latin", "caf\u00E9"),
        ("X-Euro", "\u20AC"),
        ("X Space", "a"),
        ("X-Colon:", "a"),
        ("", "a"),
        ("X-N\u00E4me", "a"),
        ("X-Empty", ""),
        ("X-Spaces", "  a  "),
        ("Content-Length", "5, 5"),
        ("Content-Length", "+5"),
        ("Content-Length", "-5"),
        ("Content-Length", "five"),
        ("Content-Length", " 0 "),
    ];

    internal static async Task SetConnectionAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.Headers.Connection = (context.Request.Path.Value ?? "").Split('/').ElementAtOrDefault(2);
        await context.Response.WriteAsync("connection");
    }

    internal static async Task SetManyAsync(HttpContext context, SeenRequest seen)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.Append("Set-Cookie", "a=1");
        headers.Append("Set-Cookie", "b=2");
        headers["x-lower"] = "lower";
        headers["X-Two"] = new StringValues(["one", "two"]);
        headers.ETag = "\"tag\"";
        headers["X-Gone"] = "gone";
        headers.Remove("x-gone");
        headers["X-Null"] = StringValues.Empty;
        headers.ContentLength = 4;
        await context.Response.WriteAsync("many");
    }

    internal static async Task SetDateAndServerAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.Headers.Date = "Thu, 01 Jan 1970 00:00:00 GMT";
        context.Response.Headers.Server = "own";
        await context.Response.WriteAsync("own");
    }

    internal static async Task SetBadHeaderAsync(HttpContext context, SeenRequest seen)
    {
        string path = context.Request.Path.Value ?? "";
        int index = int.Parse(path[(path.LastIndexOf('/') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        (string name, string value) = s_hostile[index % s_hostile.Length];
        context.Response.Headers[name] = value;
        if (name != "Content-Length")
        {
            await context.Response.WriteAsync("set");
        }
    }

    internal static async Task SetReasonAsync(HttpContext context, SeenRequest seen)
    {
        string path = context.Request.Path.Value ?? "";
        context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = path[(path.LastIndexOf('/') + 1)..];
        await context.Response.WriteAsync("reason");
    }

    internal static async Task SetAfterStartAsync(HttpContext context, SeenRequest seen)
    {
        await context.Response.WriteAsync("start");
        await context.Response.Body.FlushAsync();
        try
        {
            context.Response.Headers["X-Late"] = "late";
        }
        catch (InvalidOperationException)
        {
            seen.Note("too late for a header");
        }

        try
        {
            context.Response.StatusCode = 404;
        }
        catch (InvalidOperationException)
        {
            seen.Note("too late for a status");
        }
    }

    internal static async Task RegisterOnStartingAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.OnStarting(() => Append(context, "first"));
        context.Response.OnStarting(() => Append(context, "second"));
        context.Response.OnCompleted(() => Task.FromException(new InvalidOperationException("thrown when all is over")));
        await context.Response.WriteAsync("starting");
    }

    internal static async Task ThrowOnStartingAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.OnStarting(() => throw new InvalidOperationException("thrown at the start"));
        context.Response.Headers["X-Own"] = "own";
        await context.Response.WriteAsync("starting");
    }

    private static Task Append(HttpContext context, string value)
    {
        context.Response.Headers.Append("X-Order", value);
        return Task.CompletedTask;
    }
}
