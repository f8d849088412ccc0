//// The example of the page
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/whoami", (HttpContext context) =>
    {
        ReadOnlySpan<byte> id = context.HeaderSpans["x-request-id"u8];
        Span<byte> line = context.Arena.Allocate<byte>(id.Length + 1);
        id.CopyTo(line);
        line[^1] = (byte)'\n';
        context.Response.BodyWriter.Write(line);
    });
}

//// Memory across a wait
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapPost("/", async (HttpContext context) =>
    {
        Memory<byte> body = context.Arena.AllocateMemory(4096);
        int read = await context.Request.Body.ReadAsync(body);
        await context.Response.Body.WriteAsync(body[..read]);
    });
}

//// A writer under a serializer
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        ArenaBufferWriter writer = context.Arena.CreateWriter();
        using (var json = new System.Text.Json.Utf8JsonWriter(writer))
        {
            json.WriteStartObject();
            json.WriteEndObject();
        }

        await context.Response.BodyWriter.WriteAsync(writer.WrittenMemory);
    }
}

//// A list that a local function fills
static class Endpoints
{
    public static int Handle(HttpContext context, int[] ids)
    {
        ArenaList<int> list = context.Arena.CreateList<int>(ids.Length);
        foreach (int id in ids)
        {
            Add(id);
        }

        return list.Count;

        void Add(int id) => list.Add(id);
    }
}

//// A helper that is given the arena
static class Endpoints
{
    public static long Handle(HttpContext context)
    {
        Span<byte> line = Format(context.Arena, 7);
        return line.Length;
    }

    private static Span<byte> Format(RequestArena arena, int number) => arena.Copy(arena.Utf8($"{number}\n"));
}

//// An asynchronous helper that is awaited
sealed class Orders
{
    public async Task Handle(HttpContext context)
    {
        ReadOnlyMemory<byte> order = await LoadAsync(context.Arena, context.Request.Body);
        await context.Response.BodyWriter.WriteAsync(order);
    }

    private static async Task<ReadOnlyMemory<byte>> LoadAsync(RequestArena arena, Stream body)
    {
        Memory<byte> memory = arena.AllocateMemory(100);
        int read = await body.ReadAsync(memory);
        return memory[..read];
    }
}

//// A controller keeps it while it runs
[ApiController]
public sealed class OrdersController : ControllerBase
{
    private RequestArena _arena;
    private Memory<byte> _body;

    [HttpPost("/orders")]
    public async Task<IActionResult> Post()
    {
        _arena = HttpContext.Arena;
        _body = _arena.AllocateMemory(100);
        await Request.Body.ReadExactlyAsync(_body);
        return Ok(_body.Length);
    }
}

//// An object of the request keeps it
sealed class Parser(RequestArena arena)
{
    private readonly RequestArena _arena = arena;
    private ArenaBufferWriter? _writer;

    public void Parse(ReadOnlySpan<byte> line)
    {
        _writer ??= _arena.CreateWriter();
        _writer.Write(line);
    }

    public static void Handle(HttpContext context)
    {
        var parser = new Parser(context.Arena);
        parser.Parse("a"u8);
    }
}

//// A scoped service keeps it
sealed class Session
{
    private RequestArena _arena;

    public void Begin(HttpContext context) => _arena = context.Arena;

    public long Size => _arena.Allocated;

    public static void Add(IServiceCollection services) => services.AddScoped<Session>();
}

//// The request's own items
static class Endpoints
{
    public static Task Handle(HttpContext context, RequestDelegate next)
    {
        context.Items["body"] = context.Arena.AllocateMemory(10);
        context.Features.Set(context.Features.Get<IRequestArenaFeature>());
        return next(context);
    }
}

//// A middleware that allocates
sealed class Stamp(RequestDelegate next)
{
    private int _requests;

    public async Task InvokeAsync(HttpContext context)
    {
        _requests++;
        Memory<byte> stamp = context.Arena.AllocateMemory(8);
        stamp.Span.Fill((byte)_requests);
        context.Items["stamp"] = stamp;
        await next(context);
    }
}

//// A middleware of the request's own services
sealed class Stamp : IMiddleware
{
    private RequestArena _arena;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        _arena = context.Arena;
        await next(context);
        _arena.Allocate<byte>(8).Clear();
    }
}

//// A list of the handler's own
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/", (HttpContext context) =>
    {
        var parts = new List<Memory<byte>>();
        var byName = new Dictionary<string, ReadOnlyMemory<byte>>();
        Memory<byte> part = context.Arena.AllocateMemory(10);
        parts.Add(part);
        byName["a"] = part;
        return parts.Count + byName.Count;
    });
}

//// A variable of the handler that its lambdas share
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/", (HttpContext context) =>
    {
        Memory<byte> last = default;
        int[] sizes = [1, 2, 3];
        Array.ForEach(sizes, size => last = context.Arena.AllocateMemory(size));
        return last.Length;
    });
}

//// A sequence that is walked at once
static class Endpoints
{
    public static int Handle(HttpContext context)
    {
        int sum = 0;
        foreach (int length in Lengths(context.Arena))
        {
            sum += length;
        }

        return sum;
    }

    private static IEnumerable<int> Lengths(RequestArena arena)
    {
        for (int i = 1; i < 10; i++)
        {
            yield return arena.Allocate<byte>(i).Length;
        }
    }
}

//// A stream of results
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/", (HttpContext context) => Numbers(context));

    private static async IAsyncEnumerable<int> Numbers(HttpContext context)
    {
        RequestArena arena = context.Arena;
        for (int i = 0; i < 3; i++)
        {
            await Task.Yield();
            yield return arena.Allocate<byte>(i).Length;
        }
    }
}

//// An asynchronous loop
static class Endpoints
{
    public static async Task<int> Handle(HttpContext context, IAsyncEnumerable<string> names)
    {
        int bytes = 0;
        await foreach (string name in names)
        {
            Memory<byte> memory = context.Arena.AllocateMemory(Encoding.UTF8.GetByteCount(name));
            bytes += Encoding.UTF8.GetBytes(name, memory.Span);
        }

        return bytes;
    }
}

//// A hub's method
public sealed class Chat : Hub
{
    private Memory<byte> _line;

    public async Task Send(string text)
    {
        RequestArena arena = Context.GetHttpContext()!.Arena;
        _line = arena.AllocateMemory(Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, _line.Span);
        await Clients.All.SendAsync("line", _line.ToArray());
    }
}

//// Marks
static class Endpoints
{
    public static int Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        int sum = 0;
        for (int i = 0; i < 3; i++)
        {
            using (arena.Mark())
            {
                sum += arena.Allocate<byte>(i).Length;
            }
        }

        using ArenaMark mark = arena.Mark();
        return sum + arena.Allocate<byte>(3).Length;
    }
}

//// What runs before the response starts
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        context.Response.OnStarting(() =>
        {
            context.Response.Headers["X-Bytes"] = arena.Allocated.ToString();
            return Task.CompletedTask;
        });
    }
}

//// A callback of the arena's own
static class Endpoints
{
    public static void Handle(HttpContext context, MemoryStream stream)
    {
        RequestArena arena = context.Arena;
        arena.OnReset(static state => ((MemoryStream)state!).SetLength(0), stream);
    }
}

//// Ambient for the time of a call
static class Ambient
{
    [ThreadStatic]
    private static RequestArena t_arena;

    public static void Handle(HttpContext context, Action work)
    {
        t_arena = context.Arena;
        try
        {
            work();
        }
        finally
        {
            t_arena = default;
        }
    }

    public static Span<byte> Allocate(int count) => t_arena.Allocate<byte>(count);
}

//// Ambient for a flow
static class Ambient
{
    private static readonly AsyncLocal<RequestArena> s_arena = new();

    public static async Task Handle(HttpContext context, RequestDelegate next)
    {
        s_arena.Value = context.Arena;
        await next(context);
    }

    public static long Size => s_arena.Value.Allocated;
}

//// A filter that writes
sealed class Filter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        RequestArena arena = context.HttpContext.Arena;
        object? result = await next(context);
        arena.Allocate<byte>(3).Clear();
        return result;
    }
}

//// A static table of delegates
static class Endpoints
{
    private static readonly Dictionary<string, RequestDelegate> s_handlers = new()
    {
        ["a"] = context => context.Response.WriteAsync(context.Arena.Allocated.ToString()),
    };

    private static Func<RequestArena, long> s_size = arena => arena.Allocated;

    public static Task Handle(HttpContext context)
    {
        s_handlers["b"] = later => later.Response.WriteAsync(later.HeaderSpans.Count.ToString());
        s_size = arena => arena.Allocated + 1;
        return s_handlers["a"](context);
    }
}
