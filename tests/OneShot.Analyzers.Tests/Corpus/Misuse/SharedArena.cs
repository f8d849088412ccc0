//// A parallel loop
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        Parallel.For(0, 10, i => arena.Allocate<byte>(i).Clear()); // OS0004
    }
}

//// A parallel loop over the context
static class Endpoints
{
    public static Task Handle(HttpContext context, string[] names) => Parallel.ForEachAsync(names, async (name, cancellation) =>
    {
        Memory<byte> memory = context.Arena.AllocateMemory(name.Length); // OS0004
        await Task.Delay(1, cancellation);
        memory.Span.Clear();
    });
}

//// A parallel query
static class Endpoints
{
    public static int Handle(HttpContext context, string[] names)
    {
        ArenaList<int> list = context.Arena.CreateList<int>();
        names.AsParallel().ForAll(name => list.Add(name.Length)); // OS0004
        return list.Count;
    }
}

//// Two tasks
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        await Task.WhenAll(
            Task.Run(() => arena.Allocate<byte>(8).Clear()),
            Task.Run(() => arena.Allocate<byte>(9).Clear())); // OS0004
    }
}

//// Two methods at once
sealed class Orders
{
    public async Task Handle(HttpContext context) =>
        await Task.WhenAll(LoadAsync(context.Arena, 1), LoadAsync(context.Arena, 2)); // OS0004

    private static async Task LoadAsync(RequestArena arena, int id)
    {
        await Task.Delay(id);
        arena.Allocate<byte>(id).Clear();
    }
}

//// Two local functions at once
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        await Task.WhenAll(First(), Second());

        async Task First()
        {
            await Task.Yield();
            arena.Allocate<byte>(1).Clear();
        }

        async Task Second()
        {
            await Task.Yield();
            arena.Allocate<byte>(2).Clear(); // OS0004
        }
    }
}

//// A task for every element
static class Endpoints
{
    public static Task Handle(HttpContext context, string[] names)
    {
        RequestArena arena = context.Arena;
        return Task.WhenAll(names.Select(name => Task.Run(() => arena.Allocate<byte>(name.Length).Clear()))); // OS0004
    }
}

//// An asynchronous lambda for every element, that allocates after it has waited
static class Endpoints
{
    public static async Task Handle(HttpContext context, HttpClient client, string[] urls)
    {
        RequestArena arena = context.Arena;
        await Task.WhenAll(urls.Select(async url =>
        {
            byte[] answer = await client.GetByteArrayAsync(url);
            arena.Copy(answer).Reverse(); // OS0004
        }));
    }
}

//// A method for every element
sealed class Orders
{
    public async Task Handle(HttpContext context, int[] ids)
    {
        var arena = context.Arena;
        IEnumerable<Task> loads = ids.Select(id => LoadAsync(arena, id)); // OS0004
        await Task.WhenAll(loads);
    }

    private static async Task LoadAsync(RequestArena arena, int id)
    {
        await Task.Delay(id);
        arena.Allocate<byte>(id).Clear();
    }
}

//// A list of tasks that a loop fills
sealed class Orders
{
    public async Task Handle(HttpContext context, int[] ids)
    {
        List<Task> loads = [];
        foreach (int id in ids)
        {
            loads.Add(LoadAsync(context.Arena, id)); // OS0004
        }

        await Task.WhenAll(loads);
    }

    private static async Task LoadAsync(RequestArena arena, int id)
    {
        await Task.Delay(id);
        arena.Allocate<byte>(id).Clear();
    }
}

//// One writer for two tasks
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        ArenaBufferWriter writer = context.Arena.CreateWriter();
        Task first = Task.Run(() => writer.Write("a"u8));
        Task second = Task.Run(() => writer.Write("b"u8)); // OS0004
        await first;
        await second;
    }
}

//// A handler that goes on allocating beside its task
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        Task working = Task.Run(() => arena.Allocate<byte>(8).Clear());
        arena.Allocate<byte>(100).Clear(); // OS0004
        await working;
    }
}

//// Two in an array
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        IRequestArenaFeature feature = context.Features.Get<IRequestArenaFeature>()!;
        Task[] tasks =
        [
            Task.Run(() => feature.Arena.Allocate<byte>(8).Clear()),
            Task.Run(() => feature.Arena.Allocate<byte>(9).Clear()), // OS0004
        ];
        await Task.WhenAll(tasks);
    }
}
