//// A process arena from the services, disposed
static class Endpoints
{
    public static void Handle(HttpContext context)
    {
        ProcessArena process = context.RequestServices.GetRequiredService<ProcessArena>();
        process.Dispose(); // OS0006
    }
}

//// A process arena from the services, in a using declaration
static class Endpoints
{
    public static long Handle(IServiceProvider services)
    {
        using ProcessArena process = services.GetRequiredService<ProcessArena>(); // OS0006
        return process.Used;
    }
}

//// A process arena from the services, in a using statement
static class Endpoints
{
    public static long Handle(IServiceProvider services)
    {
        using (var process = (ProcessArena)services.GetService(typeof(ProcessArena))!) // OS0006
        {
            return process.Used;
        }
    }
}

//// A process arena that an endpoint is given
static class Endpoints
{
    public static void Map(WebApplication app) => app.MapPost("/stop", (ProcessArena process) =>
    {
        process.Dispose(); // OS0006
    });
}

//// A process arena that a controller is given
[ApiController]
public sealed class AdminController(ProcessArena process) : ControllerBase
{
    [HttpPost("/stop")]
    public IActionResult Stop()
    {
        process.Dispose(); // OS0006
        return Ok();
    }
}

//// A process arena that a hosted service is given
sealed class Watcher : IHostedService
{
    private readonly ProcessArena _process;

    public Watcher(ProcessArena process) => _process = process;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _process.Dispose(); // OS0006
        return Task.CompletedTask;
    }
}

//// A process arena of an arena
static class Game
{
    public static void End(Arena arena)
    {
        arena.Process.Dispose(); // OS0006
    }
}

//// A thread's arena
static class Parser
{
    public static void Parse(ThreadArena arenas)
    {
        using Arena arena = arenas.Current; // OS0006
        arena.Allocate<byte>(8).Clear();
    }
}

//// A thread's arena, disposed
static class Parser
{
    public static void Parse(ThreadArena arenas)
    {
        arenas.Current.Allocate<byte>(8).Clear();
        arenas.Current.Dispose(); // OS0006
    }
}

//// A reset within what a reset calls
static class Game
{
    public static void Begin(ProcessArena process)
    {
        using Arena arena = process.CreateArena();
        arena.OnReset(_ => arena.Reset(), null); // OS0006
    }
}
