//// An array
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/", (HttpContext context) =>
    {
        ArenaList<int> numbers = context.Arena.CreateList<int>();
        numbers.Add(1);
        return numbers.Span.ToArray();
    });
}

//// Bytes, written while the request runs
static class Endpoints
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/bytes", (HttpContext context) => Results.Bytes(context.Arena.AllocateMemory(10)));
        app.MapGet("/stream", (HttpContext context) => Results.Stream(stream => stream.WriteAsync(context.Arena.AllocateMemory(10)).AsTask()));
    }
}

//// A number
[ApiController]
public sealed class NumbersController : ControllerBase
{
    [HttpGet("/numbers")]
    public int Get() => Numbers().Count;

    [NonAction]
    public ArenaList<int> Numbers() => HttpContext.Arena.CreateList<int>();

    private ArenaList<int> Others() => HttpContext.Arena.CreateList<int>();

    [HttpGet("/others")]
    public IActionResult GetOthers() => Ok(Others().Count);
}

//// A lambda within an endpoint
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/", (HttpContext context) =>
    {
        Func<ArenaList<int>> create = () => context.Arena.CreateList<int>();
        return create().Count;
    });
}

//// Header spans in a local before a loop
static class Endpoints
{
    public static int Handle(HttpContext context)
    {
        HeaderSpans headers = context.HeaderSpans;
        int length = 0;
        for (int i = 0; i < 3; i++)
        {
            length += headers["host"u8].Length;
        }

        return length;
    }
}

//// All header spans
static class Endpoints
{
    public static int Handle(HttpContext context)
    {
        int length = 0;
        foreach ((ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) in context.HeaderSpans)
        {
            length += name.Length + value.Length;
        }

        foreach (ReadOnlySpan<byte> value in context.HeaderSpans.GetValues("via"u8))
        {
            length += value.Length;
        }

        for (int i = context.HeaderSpans.Count; i > 0; i--)
        {
            length++;
        }

        return length;
    }
}

//// Header spans in a loop that waits
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        for (int i = 0; i < 3; i++)
        {
            string host = Encoding.UTF8.GetString(context.HeaderSpans["host"u8]);
            await context.Response.WriteAsync(host);
        }
    }
}

//// Header spans of one context after another
static class Endpoints
{
    public static int Count(List<HttpContext> contexts)
    {
        int count = 0;
        foreach (HttpContext context in contexts)
        {
            count += context.HeaderSpans.Count;
        }

        return count;
    }
}

//// Header spans of a handler that a loop maps
static class Endpoints
{
    public static void Map(WebApplication app, string[] paths)
    {
        foreach (string path in paths)
        {
            app.MapGet(path, (HttpContext context) => context.HeaderSpans.Count);
        }
    }
}

//// The whole set-up
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddOneShotArena();
builder.Services.AddHealthChecks().AddOneShotArena();
builder.WebHost.UseOneShotHttp1();
var app = builder.Build();
app.MapGet("/", (HttpContext context) => context.HeaderSpans.Count);
app.Run();

//// The front on an endpoint
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddOneShotArena();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(8080, listen => listen.UseOneShotHttp1()));
builder.Build().Run();

//// A library's set-up
static class Setup
{
    public static IServiceCollection AddArenas(this IServiceCollection services) => services.AddOneShotArena();
}
