//// An arena in a static field
static class Last
{
    private static RequestArena s_arena;

    public static void Map(WebApplication app) => app.MapGet("/", (HttpContext context) =>
    {
        s_arena = context.Arena; // OS0001
        return s_arena.Allocated;
    });
}

//// Memory in a static field
static class Last
{
    public static Memory<byte> Body;

    public static async Task Handle(HttpContext context)
    {
        Memory<byte> body = context.Arena.AllocateMemory(100);
        int read = await context.Request.Body.ReadAsync(body);
        Body = body[..read]; // OS0001
    }
}

//// Read-only memory in a static property
static class Last
{
    public static ReadOnlyMemory<byte> Body { get; private set; }

    public static void Handle(HttpContext context) => Body = context.Arena.AllocateMemory(8); // OS0001
}

//// A feature in a static field
static class Last
{
    private static IRequestArenaFeature? s_feature;

    public static Task Handle(HttpContext context)
    {
        s_feature ??= context.Features.Get<IRequestArenaFeature>(); // OS0001
        return Task.CompletedTask;
    }
}

//// A writer in a static field
static class Last
{
    private static ArenaBufferWriter? s_writer;

    public static void Handle(HttpContext context)
    {
        ArenaBufferWriter writer = context.Arena.CreateWriter();
        writer.Write("line"u8);
        s_writer = writer; // OS0001
    }

    public static int Count => s_writer?.WrittenCount ?? 0;
}

//// What a writer has written, in a static field
static class Last
{
    public static ReadOnlyMemory<byte> Line;

    public static void Handle(HttpContext context)
    {
        var writer = context.Arena.CreateWriter();
        writer.Write("line"u8);
        Line = writer.WrittenMemory; // OS0001
    }
}

//// A list in a static field
static class Last
{
    public static ArenaList<int> Numbers;

    public static void Handle(HttpContext context)
    {
        ArenaList<int> numbers = context.Arena.CreateList<int>(4);
        numbers.Add(1);
        Numbers = numbers; // OS0001
    }
}

//// A slice in an element of a static array
static class Last
{
    private static readonly UnsafeSlice<byte>[] s_slices = new UnsafeSlice<byte>[16];

    public static void Handle(HttpContext context, int id)
    {
        s_slices[id] = context.Arena.AllocateUnsafe<byte>(10); // OS0001
    }
}

//// Memory in a static dictionary, by its indexer
static class Store
{
    private static readonly Dictionary<string, Memory<byte>> s_bodies = new();

    public static void Handle(HttpContext context)
    {
        Memory<byte> body = context.Arena.AllocateMemory(100);
        s_bodies[context.Request.Path] = body; // OS0001
    }
}

//// Memory added to a static list
static class Store
{
    private static readonly List<Memory<byte>> s_bodies = [];

    public static void Handle(HttpContext context) => s_bodies.Add(context.Arena.AllocateMemory(3)); // OS0001
}

//// Memory in a static queue, within a tuple
static class Store
{
    private static readonly ConcurrentQueue<(string Path, Memory<byte> Body)> s_jobs = new();

    public static void Handle(HttpContext context)
    {
        var body = context.Arena.AllocateMemory(3);
        s_jobs.Enqueue((context.Request.Path, body)); // OS0001
    }
}

//// A record with memory in it, in a static queue
static class Store
{
    private static readonly ConcurrentQueue<Job> s_jobs = new();

    public static void Handle(HttpContext context) =>
        s_jobs.Enqueue(new Job("a", context.Arena.AllocateMemory(3))); // OS0001

    private sealed record Job(string Name, ReadOnlyMemory<byte> Body);
}

//// An object that is initialized with an arena, in a static field
static class Store
{
    private static Session? s_session;

    public static void Handle(HttpContext context)
    {
        s_session = new Session { Arena = context.Arena }; // OS0001
    }

    private sealed class Session
    {
        public RequestArena Arena { get; set; }
    }
}

//// A closure over the arena in a static field
static class Store
{
    private static Func<long>? s_size;

    public static void Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        s_size = () => arena.Allocated; // OS0001
    }
}

//// A closure over the context's arena in a static event
static class Store
{
    private static event Action? Ended;

    public static void Handle(HttpContext context)
    {
        Ended += () => context.Arena.Allocate<byte>(8).Clear(); // OS0001
    }

    public static void End() => Ended?.Invoke();
}

//// A static factory of a dictionary that makes memory of the first request
static class Store
{
    private static readonly ConcurrentDictionary<string, Memory<byte>> s_pages = new();

    public static Memory<byte> Handle(HttpContext context, string name) =>
        s_pages.GetOrAdd(name, _ => context.Arena.AllocateMemory(100)); // OS0001
}

//// Exchanged into a static field
static class Last
{
    private static ArenaBufferWriter? s_writer;

    public static void Handle(HttpContext context)
    {
        Interlocked.Exchange(ref s_writer, context.Arena.CreateWriter()); // OS0001
    }
}

//// Assigned by deconstruction
static class Last
{
    private static RequestArena s_arena;
    private static string? s_path;

    public static void Handle(HttpContext context)
    {
        (s_arena, s_path) = (context.Arena, context.Request.Path); // OS0001
    }

    public static string? Path => s_path + s_arena.Allocated;
}

//// A thread's own static that nobody takes back
static class Ambient
{
    [ThreadStatic]
    private static RequestArena t_arena;

    public static async Task Handle(HttpContext context, RequestDelegate next)
    {
        t_arena = context.Arena; // OS0001
        await next(context);
    }

    public static Span<byte> Allocate(int count) => t_arena.Allocate<byte>(count);
}

//// A lazy sequence over the arena in a static field
static class Lines
{
    private static IEnumerable<int>? s_lengths;

    public static void Handle(HttpContext context)
    {
        s_lengths = Lengths(context.Arena); // OS0001
    }

    private static IEnumerable<int> Lengths(RequestArena arena)
    {
        for (int i = 1; i < 10; i++)
        {
            yield return arena.Allocate<byte>(i).Length;
        }
    }
}

//// One of two, the other a copy
static class Last
{
    public static ReadOnlyMemory<byte> Body;

    public static void Handle(HttpContext context, bool copies)
    {
        Memory<byte> body = context.Arena.AllocateMemory(10);
        Body = copies ? body.ToArray() : body; // OS0001
    }
}

//// A property of a static object
sealed class Settings
{
    public static Settings Current { get; } = new();

    public RequestArena Arena { get; set; }

    public static void Handle(HttpContext context)
    {
        Current.Arena = context.Arena; // OS0001
    }
}
