//// A list that an endpoint returns
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/", (HttpContext context) =>
    {
        ArenaList<int> numbers = context.Arena.CreateList<int>();
        numbers.Add(1);
        return numbers; // OS0007
    });
}

//// A slice that an endpoint returns
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/", (HttpContext context) => context.Arena.AllocateUnsafe<int>(3)); // OS0007
}

//// An arena that a group's endpoint returns
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGroup("/api").MapPost("/", (HttpContext context) => context.Arena); // OS0007
}

//// A method that a route runs
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/", Numbers); // OS0007

    private static async Task<ArenaList<int>> Numbers(HttpContext context)
    {
        await Task.Yield();
        return context.Arena.CreateList<int>(3);
    }
}

//// A writer that is made a result
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapGet("/", (HttpContext context) =>
    {
        ArenaBufferWriter writer = context.Arena.CreateWriter();
        writer.Write("text"u8);
        return Results.Ok(writer); // OS0007
    });
}

//// A list that an action returns
[ApiController]
public sealed class NumbersController : ControllerBase
{
    [HttpGet("/numbers")]
    public ArenaList<int> Get()
    {
        return HttpContext.Arena.CreateList<int>(); // OS0007
    }
}

//// A slice in an action's result
[ApiController]
public sealed class NumbersController : ControllerBase
{
    [HttpGet("/numbers")]
    public IActionResult Get() => Ok(HttpContext.Arena.AllocateUnsafe<int>(3)); // OS0007
}

//// A list that a hub's method returns
public sealed class Chat : Hub
{
    public ArenaList<int> Numbers()
    {
        ArenaList<int> numbers = Context.GetHttpContext()!.Arena.CreateList<int>();
        return numbers; // OS0007
    }
}
