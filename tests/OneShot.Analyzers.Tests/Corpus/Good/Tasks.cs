//// A task that is awaited
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        await Task.Run(() => arena.Allocate<byte>(8).Clear());
        await Task.Run(() => context.Arena.Allocate<byte>(8).Clear()).ConfigureAwait(false);
    }
}

//// A task that is awaited later
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        Task working = Task.Run(() => arena.Allocate<byte>(8).Clear());
        await context.Response.WriteAsync("working");
        await working;
        arena.Allocate<byte>(8).Clear();
    }
}

//// A task that is returned
static class Endpoints
{
    public static Task Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        return Task.Run(() => arena.Allocate<byte>(8).Clear());
    }
}

//// A task that is given copies
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapPost("/", async (HttpContext context, ILoggerFactory loggers) =>
    {
        Memory<byte> body = context.Arena.AllocateMemory(100);
        await context.Request.Body.ReadExactlyAsync(body);
        byte[] copy = body.ToArray();
        string host = Encoding.UTF8.GetString(context.HeaderSpans["host"u8]);
        _ = Task.Run(() => loggers.CreateLogger("a").LogInformation("{Host} {Length}", host, copy.Length));
    });
}

//// One task beside others that leave the arena alone
static class Endpoints
{
    public static async Task Handle(HttpContext context, HttpClient client)
    {
        RequestArena arena = context.Arena;
        await Task.WhenAll(
            Task.Run(() => arena.Allocate<byte>(8).Clear()),
            client.GetStringAsync("http://localhost/"),
            Task.Delay(10));
    }
}

//// A piece of memory for each task
static class Endpoints
{
    public static async Task Handle(HttpContext context, Stream[] streams)
    {
        Memory<byte> memory = context.Arena.AllocateMemory(streams.Length * 100);
        await Task.WhenAll(streams.Select((stream, i) => stream.ReadExactlyAsync(memory.Slice(i * 100, 100)).AsTask()));
    }
}

//// Memory that is allocated before each task waits
static class Endpoints
{
    public static async Task Handle(HttpContext context, Stream[] streams)
    {
        RequestArena arena = context.Arena;
        await Task.WhenAll(streams.Select(async stream =>
        {
            Memory<byte> memory = arena.AllocateMemory(100);
            await stream.ReadExactlyAsync(memory);
        }));
    }
}

//// A parallel loop over memory
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        UnsafeSlice<int> sums = context.Arena.AllocateUnsafe<int>(10);
        Parallel.For(0, 10, i => sums.Span[i] = i * i);
    }
}

//// A parallel loop with an arena for each thread
static class Game
{
    public static void Run(ThreadArena arenas) => Parallel.For(0, 10, i => arenas.Allocate<byte>(i).Clear());
}

//// One after another
sealed class Orders
{
    public async Task Handle(HttpContext context, int[] ids)
    {
        foreach (int id in ids)
        {
            await LoadAsync(context.Arena, id);
        }

        await LoadAsync(context.Arena, 1);
        await LoadAsync(context.Arena, 2);
    }

    private static async Task LoadAsync(RequestArena arena, int id)
    {
        await Task.Delay(id);
        arena.Allocate<byte>(id).Clear();
    }
}

//// Tasks of numbers
static class Endpoints
{
    public static async Task Handle(HttpContext context, HttpClient client, string[] urls)
    {
        string[] answers = await Task.WhenAll(urls.Select(url => client.GetStringAsync(url)));
        foreach (string answer in answers)
        {
            context.Arena.Allocate<byte>(answer.Length).Clear();
        }
    }
}

//// A thread that is joined
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        ArenaBufferWriter writer = context.Arena.CreateWriter();
        var thread = new Thread(() => writer.Write("a"u8));
        thread.Start();
        thread.Join();
        writer.Write("b"u8);
    }
}

//// A worker with an arena of its own
sealed class Worker(ProcessArena process) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            using Arena arena = process.CreateArena();
            await Task.Run(() => arena.Allocate<byte>(8).Clear(), stoppingToken);
            _ = Task.Run(() => Console.WriteLine("round"), stoppingToken);
        }
    }
}

//// A server that a task starts
static class Servers
{
    public static void Start(WebApplication app)
    {
        _ = Task.Run(async () =>
        {
            app.MapGet("/", (HttpContext context) => context.Arena.Allocated);
            await app.RunAsync();
        });
    }
}

//// A callback that needs no arena
static class Endpoints
{
    public static void Handle(HttpContext context, ILogger logger)
    {
        long size = context.Arena.Allocated;
        context.Response.OnCompleted(() =>
        {
            logger.LogInformation("{Size}", size);
            return Task.CompletedTask;
        });
        context.RequestAborted.Register(() => logger.LogInformation("gone"));
    }
}

//// A pipe that copies
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        ReadOnlyMemory<byte> line = context.Arena.AllocateMemory(3);
        _ = context.Response.BodyWriter.WriteAsync(line);
        await context.Response.BodyWriter.FlushAsync();
    }
}

//// Tasks that a loop collects, each with a copy
sealed class Orders
{
    public async Task Handle(HttpContext context, int[] ids)
    {
        List<Task> sends = [];
        foreach (int id in ids)
        {
            byte[] line = context.Arena.Utf8($"{id}").ToArray();
            sends.Add(SendAsync(line));
        }

        await Task.WhenAll(sends);
    }

    private static Task SendAsync(byte[] line) => Task.Delay(line.Length);
}

//// A blocking wait
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        Task.Run(() => arena.Allocate<byte>(8).Clear()).Wait();
        Task.Run(() => arena.Allocate<byte>(8).Clear()).GetAwaiter().GetResult();
        long size = Task.Run(() => arena.Allocated).Result;
        arena.Allocate<byte>((int)size).Clear();
    }
}

//// A write that is mostly done at once
static class Endpoints
{
    public static async Task Handle(HttpContext context, Stream file)
    {
        Memory<byte> line = context.Arena.AllocateMemory(10);
        ValueTask writing = file.WriteAsync(line);
        if (!writing.IsCompletedSuccessfully)
        {
            await writing;
        }
    }
}

//// A task that a finally block awaits
sealed class Orders
{
    public async Task Handle(HttpContext context)
    {
        Task loading = LoadAsync(context.Arena);
        try
        {
            await context.Response.WriteAsync("loading");
        }
        finally
        {
            await loading;
        }
    }

    public Task Forward(HttpContext context)
    {
        Task loading = LoadAsync(context.Arena);
        return loading;
    }

    private static async Task LoadAsync(RequestArena arena)
    {
        await Task.Yield();
        arena.Allocate<byte>(8).Clear();
    }
}
