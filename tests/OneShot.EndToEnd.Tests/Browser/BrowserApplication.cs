using System.Globalization;
using System.Threading.Channels;
using OneShot.EndToEnd.Tests.Realtime;

namespace OneShot.EndToEnd.Tests.Browser;

/// <summary>A page, its fifty assets, and what its scripts talk to.</summary>
internal sealed class BrowserApplication
{
    internal const int Styles = 15;
    internal const int Scripts = 15;
    internal const int Images = 20;

    private readonly Channel<int> _pieces = Channel.CreateUnbounded<int>();

    internal void Map(WebApplication app)
    {
        WebSocketTraffic.Map(app);
        app.MapGet("/", () => Html(Page()));
        app.MapGet("/styles/{n:int}.css", (int n) => Results.Text($":root {{ --style-{n}: {n}; }} /* {new string('s', n * 1000)} */", "text/css"));
        app.MapGet("/scripts/{n:int}.js", (int n) => Results.Text($"loaded.push({n}); // {new string('j', n * 1000)}", "text/javascript"));
        app.MapGet("/images/{n:int}.svg", ImageAsync);
        app.MapGet("/favicon.ico", () => Results.NoContent());
        app.MapGet("/form", FormPage);
        app.MapPost("/form", SubmittedAsync);
        app.MapGet("/done", (HttpContext context, string name) =>
            Html($"<p id=\"done\">{name} {context.Request.Cookies["visitor"]} {context.Request.Headers.Referer.Count}</p>"));
        app.MapGet("/events", EventsAsync);
        app.MapGet("/pieces", PiecesAsync);
        app.MapPost("/next/{piece:int}", (int piece) => { _pieces.Writer.TryWrite(piece); });
        app.MapPost("/length", async (HttpContext context) =>
        {
            var counted = new MemoryStream();
            await context.Request.Body.CopyToAsync(counted);
            return Results.Text(counted.Length.ToString(CultureInfo.InvariantCulture));
        });
    }

    private static IResult Html(string body) => Results.Content($"<!doctype html><meta charset=utf-8><title>front</title>{body}", "text/html");

    private static string Page() => string.Concat(
    [
        "<script>loaded = []</script>",
        .. Enumerable.Range(1, Styles).Select(n => $"<link rel=stylesheet href=/styles/{n}.css>"),
        .. Enumerable.Range(1, Images).Select(n => $"<img src=/images/{n}.svg>"),
        .. Enumerable.Range(1, Scripts).Select(n => $"<script src=/scripts/{n}.js></script>"),
    ]);

    /// <summary>Of unknown length, in two pieces.</summary>
    private static async Task ImageAsync(HttpContext context, int n)
    {
        context.Response.ContentType = "image/svg+xml";
        await context.Response.WriteAsync($"<svg xmlns='http://www.w3.org/2000/svg' width='{n}' height='{n}'>");
        await context.Response.WriteAsync($"<rect width='{n}' height='{n}'/><!-- {new string('i', n * 2000)} --></svg>");
    }

    private static IResult FormPage(HttpContext context)
    {
        context.Response.Cookies.Append("visitor", "Ada Lovelace", new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict });
        return Html("<form method=post><input name=name><input type=submit id=go></form>");
    }

    private static async Task SubmittedAsync(HttpContext context)
    {
        IFormCollection form = await context.Request.ReadFormAsync();
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = $"/done?name={Uri.EscapeDataString(form["name"].ToString())}";
    }

    /// <summary>One event a connection: the browser comes back for the next and says which it had.</summary>
    private static async Task EventsAsync(HttpContext context)
    {
        _ = int.TryParse(context.Request.Headers["Last-Event-ID"], CultureInfo.InvariantCulture, out int last);
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync($"retry: 10\nid: {last + 1}\ndata: event {last + 1}\n\n");
    }

    private async Task PiecesAsync(HttpContext context)
    {
        for (int piece = 0; piece < 10; piece++)
        {
            await context.Response.WriteAsync($"piece {piece};");
            await _pieces.Reader.ReadAsync(context.RequestAborted);
        }
    }
}
