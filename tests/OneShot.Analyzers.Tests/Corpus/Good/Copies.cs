//// A copy in a static field
static class Last
{
    public static ReadOnlyMemory<byte> Body;

    public static async Task Handle(HttpContext context)
    {
        Memory<byte> body = context.Arena.AllocateMemory(100);
        await context.Request.Body.ReadExactlyAsync(body);
        Body = body.ToArray();
    }
}

//// A string in a static dictionary
static class Last
{
    private static readonly ConcurrentDictionary<string, string> s_agents = new();

    public static void Handle(HttpContext context)
    {
        string agent = Encoding.UTF8.GetString(context.HeaderSpans["user-agent"u8]);
        s_agents[context.Request.Path] = agent;
        s_agents.GetOrAdd("host", _ => Encoding.UTF8.GetString(context.HeaderSpans["host"u8]));
    }
}

//// A number in a static field
static class Last
{
    private static long s_size;

    public static void Handle(HttpContext context)
    {
        s_size = context.Arena.Allocated;
        Interlocked.Add(ref s_size, context.Arena.Allocated);
    }
}

//// Memory of the GC's in a static field
static class Last
{
    public static Memory<byte> Body;

    public static void Handle(HttpContext context)
    {
        Memory<byte> body = new byte[10];
        context.Arena.Copy(body.Span).Reverse();
        Body = body;
    }
}

//// A process-wide arena in a static field
static class Game
{
    private static readonly ProcessArena s_process = new();
    private static readonly Arena s_level = s_process.CreateArena();
    private static Memory<byte> s_map;
    private static ArenaList<int> s_scores;

    public static void Load()
    {
        s_map = s_level.AllocateMemory(1000);
        s_scores = s_level.CreateList<int>();
        s_scores.Add(1);
    }
}

//// A static that is emptied
static class Last
{
    private static Memory<byte> s_body;
    private static IRequestArenaFeature? s_feature;

    public static void Clear()
    {
        s_body = default;
        s_feature = null;
    }

    public static int Length => s_body.Length + (s_feature is null ? 0 : 1);
}

//// A count of requests in a middleware
sealed class Counter(RequestDelegate next)
{
    private readonly List<string> _paths = new();
    private string? _last;
    private byte[] _body = [];

    public async Task InvokeAsync(HttpContext context)
    {
        _paths.Add(context.Request.Path);
        _last = Encoding.UTF8.GetString(context.HeaderSpans["host"u8]);
        _body = context.Arena.AllocateMemory(3).ToArray();
        await next(context);
    }

    public int Count => _paths.Count + _last!.Length + _body.Length;
}

//// A singleton that keeps copies
sealed class Cache
{
    private ReadOnlyMemory<byte> _page;

    public void Set(HttpContext context) => _page = context.Arena.AllocateMemory(10).ToArray();

    public int Length => _page.Length;

    public static void Add(IServiceCollection services) => services.AddSingleton<Cache>();
}

//// A channel of copies
sealed class Producer(RequestDelegate next, Channel<byte[]> jobs)
{
    public async Task InvokeAsync(HttpContext context)
    {
        Memory<byte> body = context.Arena.AllocateMemory(10);
        await jobs.Writer.WriteAsync(body.ToArray());
        await next(context);
    }
}

//// A cache of strings
[ApiController]
public sealed class PagesController(Microsoft.Extensions.Caching.Memory.IMemoryCache cache) : ControllerBase
{
    [HttpGet("/pages")]
    public string Get()
    {
        RequestArena arena = HttpContext.Arena;
        return Microsoft.Extensions.Caching.Memory.CacheExtensions.GetOrCreate(cache, "page", _ => Encoding.UTF8.GetString(arena.Utf8($"{1}")))!;
    }
}

//// A value around the handler
static class Endpoints
{
    public static void Map(WebApplication app)
    {
        long largest = 0;
        string? last = null;
        app.MapGet("/", (HttpContext context) =>
        {
            largest = Math.Max(largest, context.Arena.Allocated);
            last = Encoding.UTF8.GetString(context.HeaderSpans["host"u8]);
        });
        app.MapGet("/largest", () => last + largest);
    }
}

//// A writer of a game that is kept
sealed class Frame
{
    private readonly ArenaBufferWriter _writer;
    private readonly Arena _arena;

    public Frame(ProcessArena process)
    {
        _arena = process.CreateArena();
        _writer = _arena.CreateWriter();
    }

    public void Draw()
    {
        _arena.Reset();
        _writer.Reset();
        _writer.Write("a"u8);
    }
}

//// Writers that a middleware keeps, each begun again in its request
sealed class Json(RequestDelegate next)
{
    private readonly ConcurrentQueue<ArenaBufferWriter> _writers = new();

    public async Task InvokeAsync(HttpContext context)
    {
        if (_writers.TryDequeue(out ArenaBufferWriter? writer))
        {
            writer.Reset(context.Arena);
        }
        else
        {
            writer = context.Arena.CreateWriter();
        }

        context.Items["writer"] = writer;
        await next(context);
        _writers.Enqueue(writer);
    }
}

//// A thread's writer, begun again in each request
static class Lines
{
    [ThreadStatic]
    private static ArenaBufferWriter? t_writer;

    public static void Handle(HttpContext context)
    {
        ArenaBufferWriter writer = t_writer ??= context.Arena.CreateWriter();
        writer.Reset(context.Arena);
        writer.Write("line"u8);
        context.Response.BodyWriter.Write(writer.WrittenSpan);
    }
}

//// A handler that is taken off an event
static class Store
{
    private static event Action? Ended;

    public static void Handle(HttpContext context, Action ended)
    {
        RequestArena arena = context.Arena;
        Ended -= ended;
        Ended -= () => arena.Allocate<byte>(8).Clear();
    }

    public static void End() => Ended?.Invoke();
}
