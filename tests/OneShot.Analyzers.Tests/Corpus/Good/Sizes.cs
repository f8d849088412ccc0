//// The smaller of two
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        int length = (int)Math.Min(context.Request.ContentLength ?? 0, 64 * 1024);
        context.Arena.Allocate<byte>(length).Clear();
    }
}

//// A longer body is refused
static class Endpoints
{
    private const int Most = 64 * 1024;

    public static async Task Handle(HttpContext context)
    {
        if (context.Request.ContentLength is not { } length || length > Most)
        {
            context.Response.StatusCode = 413;
            return;
        }

        Memory<byte> body = context.Arena.AllocateMemory((int)length);
        await context.Request.Body.ReadExactlyAsync(body);
    }
}

//// A pattern with a bound
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        if (context.Request.ContentLength is > 0 and < 4096)
        {
            context.Arena.Allocate<byte>((int)context.Request.ContentLength.Value).Clear();
        }
    }
}

//// An exception beyond the bound
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        long length = context.Request.ContentLength ?? 0;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 4096);
        context.Arena.Allocate<byte>((int)length).Clear();
    }
}

//// A check of the application's own
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        long length = context.Request.ContentLength ?? 0;
        if (IsTooLong(length))
        {
            return;
        }

        context.Arena.Allocate<byte>((int)length).Clear();
    }

    private static bool IsTooLong(long length) => length > 4096;
}

//// Clamped
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        int length = (int)Math.Clamp(context.Request.ContentLength ?? 0, 0, 4096);
        context.Arena.CreateWriter(length).Write("a"u8);
    }
}

//// The length of what has arrived
static class Endpoints
{
    public static async Task Handle(HttpContext context)
    {
        var result = await context.Request.BodyReader.ReadAsync();
        context.Arena.Allocate<byte>((int)result.Buffer.Length).Clear();
        ReadOnlySpan<byte> id = context.HeaderSpans["x-id"u8];
        context.Arena.Allocate<byte>(id.Length).Clear();
        context.Request.BodyReader.AdvanceTo(result.Buffer.End);
    }
}

//// The response's own length
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        context.Response.ContentLength = 10;
        context.Arena.Allocate<byte>((int)context.Response.ContentLength.Value).Clear();
    }
}

//// A constant, and the length for the log only
static class Endpoints
{
    public static void Handle(HttpContext context, ILogger logger)
    {
        logger.LogInformation("{Length}", context.Request.ContentLength);
        context.Arena.Allocate<byte>(4096).Clear();
    }
}

//// Chosen by a switch
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        int size = context.Request.ContentLength switch
        {
            null => 256,
            < 4096 => 4096,
            _ => 64 * 1024,
        };
        context.Arena.Allocate<byte>(size).Clear();
    }
}

//// A switch statement
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        switch (context.Request.ContentLength)
        {
            case null:
            case > 4096:
                context.Response.StatusCode = 413;
                return;
        }

        context.Arena.Allocate<byte>((int)context.Request.ContentLength.Value).Clear();
    }
}
