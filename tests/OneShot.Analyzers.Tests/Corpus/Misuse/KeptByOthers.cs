//// A middleware that keeps the last arena
sealed class LastArena(RequestDelegate next)
{
    private RequestArena _last;

    public async Task InvokeAsync(HttpContext context)
    {
        _last = context.Arena; // OS0001
        await next(context);
    }

    public long Size => _last.Allocated;
}

//// A middleware that keeps memory in a list
sealed class Recorder
{
    private readonly RequestDelegate _next;
    private readonly List<ReadOnlyMemory<byte>> _bodies = new();

    public Recorder(RequestDelegate next) => _next = next;

    public Task Invoke(HttpContext context)
    {
        Memory<byte> body = context.Arena.AllocateMemory(10);
        _bodies.Add(body); // OS0001
        return _next(context);
    }
}

//// A middleware that is given a channel
sealed class Producer(RequestDelegate next, Channel<Memory<byte>> jobs)
{
    public async Task InvokeAsync(HttpContext context)
    {
        Memory<byte> body = context.Arena.AllocateMemory(10);
        await jobs.Writer.WriteAsync(body); // OS0001
        await next(context);
    }
}

//// A hosted service that is called by handlers
sealed class Worker : BackgroundService
{
    private readonly ConcurrentQueue<ReadOnlyMemory<byte>> _jobs = new();

    public void Add(HttpContext context)
    {
        _jobs.Enqueue(context.Arena.AllocateMemory(10)); // OS0001
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
}

//// A filter of an endpoint
sealed class Filter : IEndpointFilter
{
    private IRequestArenaFeature? _feature;

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        _feature = context.HttpContext.Features.Get<IRequestArenaFeature>(); // OS0001
        return next(context);
    }

    public override string ToString() => _feature is null ? "none" : "one";
}

//// A singleton of the same project
sealed class Cache
{
    private ReadOnlyMemory<byte> _page;

    public void Set(HttpContext context)
    {
        _page = context.Arena.AllocateMemory(10); // OS0002
    }

    public int Length => _page.Length;

    public static void Add(IServiceCollection services) => services.AddSingleton<Cache>();
}

//// A singleton behind an interface
interface IStore
{
    void Set(string key, RequestArena arena);
}

sealed class Store : IStore
{
    private readonly Dictionary<string, RequestArena> _arenas = new();

    public void Set(string key, RequestArena arena)
    {
        _arenas[key] = arena; // OS0002
    }
}

static class Setup
{
    public static void Add(IServiceCollection services) => services.AddSingleton<IStore, Store>();
}

//// A singleton that a factory makes
sealed class Store
{
    private ArenaBufferWriter? _writer;

    public ArenaBufferWriter WriterOf(HttpContext context) => _writer ??= context.Arena.CreateWriter(); // OS0002

    public static void Add(IServiceCollection services) => services.AddSingleton(_ => new Store());
}

//// A singleton by its type
sealed class Store
{
    public RequestArena Arena { get; private set; }

    public void Begin(HttpContext context)
    {
        Arena = context.Arena; // OS0002
    }

    public static void Add(IServiceCollection services) => services.AddSingleton(typeof(Store));
}

//// A variable around the handler
static class Endpoints
{
    public static void Map(WebApplication app)
    {
        IRequestArenaFeature? kept = null;
        app.MapGet("/", (HttpContext context) =>
        {
            kept = context.Features.Get<IRequestArenaFeature>(); // OS0001
        });
        app.MapGet("/late", () => kept!.HeaderSpans.Count);
    }
}

//// A list around the middleware's lambda
static class Pipeline
{
    public static void Build(WebApplication app)
    {
        var arenas = new List<RequestArena>();
        app.Use(async (context, next) =>
        {
            arenas.Add(context.Arena); // OS0001
            await next(context);
        });
    }
}

//// An array around the handler
static class Endpoints
{
    public static void Map(WebApplication app)
    {
        Memory<byte>[] kept = new Memory<byte>[10];
        app.MapPost("/{id}", async (HttpContext context, int id) =>
        {
            Memory<byte> body = context.Arena.AllocateMemory(10);
            await context.Request.Body.ReadExactlyAsync(body);
            kept[id] = body; // OS0001
        });
    }
}

//// A field of an object around the handler
sealed class Kept
{
    public RequestArena Arena { get; set; }

    public static void Map(WebApplication app)
    {
        var kept = new Kept();
        app.Run(context =>
        {
            kept.Arena = context.Arena; // OS0001
            return Task.CompletedTask;
        });
    }
}

//// A memory cache
[ApiController]
public sealed class PagesController(Microsoft.Extensions.Caching.Memory.IMemoryCache cache) : ControllerBase
{
    [HttpGet("/pages")]
    public int Get()
    {
        Memory<byte> page = HttpContext.Arena.AllocateMemory(100);
        Microsoft.Extensions.Caching.Memory.CacheExtensions.Set(cache, "page", page); // OS0001
        return page.Length;
    }
}

//// A memory cache's factory
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/", (HttpContext context, Microsoft.Extensions.Caching.Memory.IMemoryCache cache) =>
        Microsoft.Extensions.Caching.Memory.CacheExtensions.GetOrCreate(cache, "page", entry =>
        {
            Memory<byte> page = context.Arena.AllocateMemory(100);
            page.Span.Fill(1);
            return page; // OS0001
        }).Length);
}

//// A queue that an endpoint is given
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapPost("/", (HttpContext context, ConcurrentQueue<Memory<byte>> jobs) =>
    {
        jobs.Enqueue(context.Arena.AllocateMemory(10)); // OS0001
    });
}

//// The writer of a channel that an endpoint is given
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapPost("/", (HttpContext context, ChannelWriter<ReadOnlyMemory<byte>> jobs) =>
        jobs.TryWrite(context.Arena.AllocateMemory(10))); // OS0001
}

//// A hub that keeps its connection's arena for all
public sealed class Chat : Hub
{
    private static readonly ConcurrentDictionary<string, RequestArena> s_arenas = new();

    public override Task OnConnectedAsync()
    {
        s_arenas.TryAdd(Context.ConnectionId, Context.GetHttpContext()!.Arena); // OS0001
        return base.OnConnectedAsync();
    }
}
