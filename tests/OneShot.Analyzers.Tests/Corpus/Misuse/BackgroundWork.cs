//// A task that nobody awaits
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/", (HttpContext context) =>
    {
        RequestArena arena = context.Arena;
        _ = Task.Run(() => arena.Allocate<byte>(8).Clear()); // OS0003
    });
}

//// A task that nobody awaits, over the context itself
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/", (HttpContext context) =>
    {
        Task.Run(() =>
        {
            Span<byte> late = context.Arena.Allocate<byte>(8); // OS0003
            late.Fill(1);
        });
    });
}

//// Headers that a task reads too late
static class Endpoints
{
    public static async Task Handle(HttpContext context, ILogger logger)
    {
        _ = Task.Run(async () =>
        {
            await Task.Delay(1000);
            string agent = Encoding.UTF8.GetString(context.HeaderSpans["user-agent"u8]); // OS0003
            logger.LogInformation("{Agent}", agent);
        });
        await context.Response.WriteAsync("ok");
    }
}

//// Memory that a task writes to a file
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        Memory<byte> body = context.Arena.AllocateMemory(100);
        await context.Request.Body.ReadExactlyAsync(body);
        _ = File.WriteAllBytesAsync("/tmp/body", body); // OS0003
    }
}

//// A method that is left running
sealed class Audit
{
    public void Handle(HttpContext context)
    {
        _ = SendAsync(context.Arena); // OS0003
    }

    private static async Task SendAsync(RequestArena arena)
    {
        await Task.Yield();
        arena.Allocate<byte>(10).Clear();
    }
}

//// A task in a local that is never awaited
sealed class Audit
{
    public async Task Handle(HttpContext context)
    {
        Task sending = SendAsync(context.Arena.AllocateMemory(10)); // OS0003
        await context.Response.WriteAsync("ok");
    }

    private static async Task SendAsync(Memory<byte> line)
    {
        await Task.Yield();
        line.Span.Clear();
    }
}

//// An asynchronous method that returns nothing
sealed class Audit
{
    public void Handle(HttpContext context) => Send(context.Arena); // OS0003

    private static async void Send(RequestArena arena)
    {
        await Task.Yield();
        arena.Allocate<byte>(10).Clear();
    }
}

//// A local function that is left running
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/", (HttpContext context) =>
    {
        _ = WorkAsync();

        async Task WorkAsync()
        {
            await Task.Delay(100);
            context.Arena.Allocate<byte>(8).Clear(); // OS0003
        }
    });
}

//// A local function on the thread pool
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        var list = context.Arena.CreateList<int>();
        Task.Run(Fill);

        void Fill() => list.Add(1); // OS0003
    }
}

//// A delegate in a local
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        Action work = () => arena.Allocate<byte>(8).Clear(); // OS0003
        Task.Run(work);
    }
}

//// A method group of the feature
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        IRequestArenaFeature feature = context.Features.Get<IRequestArenaFeature>()!;
        _ = Task.Run(feature.ReleaseArena); // OS0003
    }
}

//// The thread pool's queue
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        ThreadPool.QueueUserWorkItem(_ => context.Arena.Allocate<byte>(8).Clear()); // OS0003
    }
}

//// State for the thread pool
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        ThreadPool.QueueUserWorkItem(static arena => arena.Allocate<byte>(8).Clear(), context.Arena, preferLocal: true); // OS0003
    }
}

//// State for a task, boxed
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        Task.Factory.StartNew(static state => ((RequestArena)state!).Allocate<byte>(8).Clear(), context.Arena); // OS0003
    }
}

//// A thread
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        ArenaBufferWriter writer = context.Arena.CreateWriter();
        new Thread(() => writer.Write("late"u8)).Start(); // OS0003
    }
}

//// A thread that is given memory when it starts
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        Thread thread = new(static state => ((ArenaBufferWriter)state!).Write("late"u8));
        thread.Start(context.Arena.CreateWriter()); // OS0003
    }
}

//// A timer
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        var timer = new Timer(_ => context.Arena.Allocate<byte>(8).Clear(), null, 1000, Timeout.Infinite); // OS0003
        GC.KeepAlive(timer);
    }
}

//// What runs when the client is gone
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        context.RequestAborted.Register(() => arena.Allocate<byte>(8).Clear()); // OS0003
        await context.Response.WriteAsync("ok");
    }
}

//// What runs when the response is complete
static class Endpoints
{
    public static void Handle(HttpContext context, ILogger logger)
    {
        RequestArena arena = context.Arena;
        context.Response.OnCompleted(() =>
        {
            logger.LogInformation("{Size}", arena.Allocated); // OS0003
            return Task.CompletedTask;
        });
    }
}

//// What runs when the application stops
static class Endpoints
{
    public static void Handle(HttpContext context, IHostApplicationLifetime lifetime)
    {
        Memory<byte> state = context.Arena.AllocateMemory(8);
        lifetime.ApplicationStopping.Register(() => state.Span.Clear()); // OS0003
    }
}

//// A continuation of something that is not awaited
static class Endpoints
{
    public static void Handle(HttpContext context, HttpClient client)
    {
        RequestArena arena = context.Arena;
        client.GetStringAsync("http://localhost/").ContinueWith(text => arena.Allocate<char>(text.Result.Length).Clear(), TaskScheduler.Default); // OS0003
    }
}

//// A wait that gives up
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        await Task.Run(() => arena.Allocate<byte>(8).Clear()).WaitAsync(TimeSpan.FromSeconds(1)); // OS0003
    }
}

//// The slower of two
sealed class Slow
{
    public async Task Handle(HttpContext context)
    {
        await Task.WhenAny(WorkAsync(context.Arena), Task.Delay(1000)); // OS0003
    }

    private static async Task WorkAsync(RequestArena arena)
    {
        await Task.Yield();
        arena.Allocate<byte>(8).Clear();
    }
}

//// A controller's own context
[ApiController]
public sealed class OrdersController : ControllerBase
{
    [HttpPost("/orders")]
    public IActionResult Post()
    {
        Task.Run(() => HttpContext.Arena.Allocate<byte>(8).Clear()); // OS0003
        return Accepted();
    }
}

//// A hub's method that goes on by itself
public sealed class Chat : Hub
{
    public void Send(string text)
    {
        HttpContext context = Context.GetHttpContext()!;
        Memory<byte> line = context.Arena.AllocateMemory(Encoding.UTF8.GetByteCount(text));
        _ = Task.Run(async () =>
        {
            await Task.Delay(100);
            Encoding.UTF8.GetBytes(text, line.Span); // OS0003
        });
    }
}

//// A middleware's lambda
static class Pipeline
{
    public static void Build(WebApplication app) => app.Use(async (context, next) =>
    {
        await next(context);
        _ = Task.Run(() => Console.WriteLine(context.Arena.Allocated)); // OS0003
    });
}
