//// A span that was taken before
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        Span<byte> scratch = context.Arena.Allocate<byte>(10);
        context.ReleaseArena();
        scratch[0] = 1; // OS0008
    }
}

//// A header that was read before
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        string text = Read(context);
        await context.Response.WriteAsync(text);

        static string Read(HttpContext context)
        {
            ReadOnlySpan<byte> id = context.HeaderSpans["x-id"u8];
            context.ReleaseArena();
            return Encoding.UTF8.GetString(id); // OS0008
        }
    }
}

//// All headers that were read before
static class Endpoints
{
    public static int Handle(HttpContext context)
    {
        HeaderSpans headers = context.HeaderSpans;
        context.Features.Get<IRequestArenaFeature>()!.ReleaseArena();
        return headers.Count; // OS0008
    }
}

//// An arena and memory of a socket that lives long
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        RequestArena arena = context.Arena;
        Memory<byte> buffer = arena.AllocateMemory(1000);
        bool released = context.ReleaseArena();
        while (released)
        {
            await socket.ReceiveAsync(buffer, context.RequestAborted); // OS0008
        }
    }
}

//// A writer that goes on
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        var writer = context.Arena.CreateWriter();
        writer.Write("a"u8);
        _ = context.ReleaseArena();
        writer.Write("b"u8); // OS0008
    }
}

//// An arena that is asked again
static class Endpoints
{
    public static long Handle(HttpContext context)
    {
        RequestArena arena = context.Arena;
        context.ReleaseArena();
        return arena.Allocated; // OS0008
    }
}
