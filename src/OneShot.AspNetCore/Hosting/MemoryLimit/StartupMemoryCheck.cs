using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Logging;

namespace OneShot.AspNetCore.Hosting.MemoryLimit;

/// <summary>Holds the arena's capacity and the heap budget against the container's memory limit when the host starts.</summary>
internal static class StartupMemoryCheck
{
    /// <param name="options">Valid ones.</param>
    /// <param name="capacity">Bytes of the arena; 0 for none.</param>
    /// <param name="limit">The container's memory limit in bytes; null for none.</param>
    /// <param name="gc">The limit of the GC's heap.</param>
    /// <param name="logger">Where a warning goes.</param>
    /// <exception cref="OptionsValidationException">It does not fit, and the options say to refuse then.</exception>
    public static void Run(OneShotOptions options, long capacity, long? limit, GcHeapLimit gc, ILogger logger)
    {
        if (options.MemoryCheck == MemoryCheck.Off || limit is not { } container)
        {
            return;
        }

        MemoryBudget budget = new(container, capacity, gc, options.Heap.Total) { Generations = options.Restart.Succeed ? 2 : 1, Share = options.Restart.MemoryLimit.RestartsFrom };
        if (budget.Fits)
        {
            return;
        }

        if (options.MemoryCheck == MemoryCheck.Refuse)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(OneShotOptions), [budget.ToString()]);
        }

        Events.ArenaDoesNotFit(logger, budget);
    }
}
