using Microsoft.Extensions.Logging.Abstractions;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Requests;

public class AllocationTests
{
    private const int Requests = 100;
    private const int FeatureBytes = 80;

    [Theory]
    [InlineData(ArenaExhaustion.Fallback)]
    [InlineData(ArenaExhaustion.Reject)]
    public async Task A_request_that_completes_synchronously_allocates_the_feature_alone(ArenaExhaustion exhaustion)
    {
        using ProcessArena process = new(new() { Exhaustion = exhaustion });
        using RestartMonitor restart = new(
            [new ArenaSource(process, TimeProvider.System)], new(), draw: 0, TimeProvider.System, new SelfDrain(TimeProvider.System, NullLogger.Instance, null), NullLogger<RestartMonitor>.Instance);
        using RequestArenaPool arenas = new(process);
        RequestArenaMiddleware middleware = new(Application, arenas, restart, NullLogger<RequestArenaMiddleware>.Instance);
        DefaultHttpContext context = new();
        context.Request.Headers["x-probe"] = "42";
        await middleware.InvokeAsync(context);

        long before = GC.GetAllocatedBytesForCurrentThread();
        bool synchronous = true;
        for (int i = 0; i < Requests; i++)
        {
            synchronous &= middleware.InvokeAsync(context).IsCompletedSuccessfully;
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(synchronous);

        // The feature is an object a request: whoever keeps it must not find another request in it. Less than the rest is fine: an
        // optimised loop may keep the dictionary's enumerator on the stack.
        Assert.InRange(allocated, Requests * FeatureBytes, (Requests * FeatureBytes) + EnumeratorBytes(context));
    }

    private static Task Application(HttpContext context)
    {
        context.Arena.Allocate<byte>(32);
        return context.HeaderSpans["x-probe"u8].Length == 2 ? Task.CompletedTask : throw new InvalidOperationException("The header is missing.");
    }

    /// <summary>What the framework's own header dictionary costs to walk through its interface, twice a request.</summary>
    private static long EnumeratorBytes(HttpContext context)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 2 * Requests; i++)
        {
            foreach (KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues> _ in context.Request.Headers)
            {
            }
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
