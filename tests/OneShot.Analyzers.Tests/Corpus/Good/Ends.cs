//// Arenas of one's own
static class Game
{
    public static void Run()
    {
        using ProcessArena process = new(new() { Capacity = 1 << 20 });
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(8).Clear();
        arena.Reset();
        using ThreadArena threads = new(process);
        threads.Current.Reset();
    }
}

//// An object that owns its arena
sealed class Level : IDisposable
{
    private readonly Arena _arena;

    public Level(ProcessArena process) => _arena = process.CreateArena();

    public void Restart() => _arena.Reset();

    public void Dispose() => _arena.Dispose();
}

//// An owner of what it is given
sealed class Level(Arena arena) : IDisposable
{
    public Span<byte> Load() => arena.Allocate<byte>(10);

    public void Dispose() => arena.Dispose();
}

//// A worker's own arena
sealed class Worker(ProcessArena process) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using Arena arena = process.CreateArena();
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(1000, stoppingToken);
            arena.Allocate<byte>(8).Clear();
            arena.Reset();
        }
    }
}

//// A process arena that an endpoint looks at
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/used", (ProcessArena process) => process.Used);
}

//// A writer of one's own begins again
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        ArenaBufferWriter writer = context.Arena.CreateWriter();
        writer.Write("a"u8);
        writer.ResetWrittenCount();
        writer.Reset();
        writer.Write("b"u8);
    }
}

//// The arena is given back after its last use
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        Span<byte> scratch = context.Arena.Allocate<byte>(10);
        scratch.Clear();
        context.ReleaseArena();
        byte[] buffer = new byte[1000];
        await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
    }
}

//// Taken again after it was given back
static class Endpoints
{
    public static int Handle(HttpContext context)
    {
        Span<byte> scratch = context.Arena.Allocate<byte>(10);
        scratch.Clear();
        context.ReleaseArena();
        scratch = context.Arena.Allocate<byte>(10);
        scratch.Clear();
        IRequestArenaFeature feature = context.Features.Get<IRequestArenaFeature>()!;
        feature.ReleaseArena();
        return feature.HeaderSpans.Count;
    }
}

//// Given back under a condition
static class Endpoints
{
    public static void Handle(HttpContext context, bool isLong)
    {
        Span<byte> scratch = context.Arena.Allocate<byte>(10);
        if (isLong)
        {
            context.ReleaseArena();
            return;
        }

        scratch.Clear();
    }
}

//// A request of the tests' own
static class Harness
{
    public static long Run()
    {
        using ProcessArena process = new();
        Arena arena = process.CreateArena();
        RequestArena request = new(arena);
        request.Allocate<byte>(8).Clear();
        long size = request.Allocated;
        arena.Reset();
        arena.Dispose();
        return size;
    }
}
