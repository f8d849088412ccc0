//// Memory as long as the body is said to be
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        Memory<byte> body = context.Arena.AllocateMemory((int)context.Request.ContentLength!.Value); // OS0005
        await context.Request.Body.ReadExactlyAsync(body);
    }
}

//// The same by a local
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapPost("/", async (HttpContext context) =>
    {
        long? length = context.Request.ContentLength;
        Memory<byte> body = context.Arena.AllocateMemory((int)(length ?? 0)); // OS0005
        await context.Request.Body.ReadExactlyAsync(body);
    });
}

//// A cast of what may be null
static class Endpoints
{
    public static void Handle(HttpContext context) =>
        context.Arena.Allocate<byte>((int)context.Request.ContentLength!).Clear(); // OS0005
}

//// Its default value
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        int length = (int)context.Request.ContentLength.GetValueOrDefault();
        Span<byte> body = context.Arena.AllocateUninitialized<byte>(length); // OS0005
        body.Clear();
    }
}

//// A pattern
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        if (context.Request.ContentLength is { } length)
        {
            Memory<byte> body = context.Arena.AllocateMemory((int)length); // OS0005
            await context.Request.Body.ReadExactlyAsync(body);
        }
    }
}

//// A comparison with nothing
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        if (context.Request.ContentLength > 0)
        {
            context.Arena.Allocate<byte>((int)context.Request.ContentLength.Value + 1).Clear(); // OS0005
        }
    }
}

//// At least so much
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        int size = Math.Max(256, (int)(context.Request.ContentLength ?? 0));
        ArenaBufferWriter writer = context.Arena.CreateWriter(size); // OS0005
        writer.Write("a"u8);
    }
}

//// The header's string
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        int length = int.Parse(context.Request.Headers["Content-Length"].ToString());
        context.Arena.Allocate<byte>(length).Clear(); // OS0005
    }
}

//// The header's bytes
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        if (System.Buffers.Text.Utf8Parser.TryParse(context.HeaderSpans["content-length"u8], out int length, out _))
        {
            UnsafeSlice<byte> body = context.Arena.AllocateUnsafe<byte>(length); // OS0005
            body.Span.Clear();
        }
    }
}

//// The header's number, from the dictionary
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        long length = context.Request.Headers.ContentLength ?? 0;
        context.Arena.CreateList<int>((int)length / 4).Add(1); // OS0005
        context.Arena.Allocate<byte>((int)length * 2).Clear(); // OS0005
    }
}

//// An arena of one's own
sealed class Jobs(ProcessArena process)
{
    public void Handle(HttpRequest request)
    {
        using Arena arena = process.CreateArena();
        arena.AllocateAligned<byte>((int)request.ContentLength!.Value, 64).Clear(); // OS0005
    }
}

//// Room in a writer
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        var writer = context.Arena.CreateWriter();
        Span<byte> room = writer.GetSpan((int)context.Request.ContentLength!.Value); // OS0005
        room.Clear();
    }
}
