using Microsoft.Extensions.DependencyInjection;

namespace OneShot.AspNetCore.Hosting;

/// <summary>
/// Its presence in a container says that <c>AddOneShotArena()</c> was called. Asking for the process arena itself would
/// create it, before its options are validated at start.
/// </summary>
internal sealed class OneShotMarker
{
    /// <summary>The arena's middleware stands before all others.</summary>
    public bool IsFirstInPipeline { get; set; }

    public static bool IsIn(IServiceProvider? services) => services?.GetService<OneShotMarker>() is not null;

    public static void ThrowIfMissing(IServiceProvider? services, string caller)
    {
        if (!IsIn(services))
        {
            throw new InvalidOperationException(
                $"{caller} needs the arena services: call builder.Services.AddOneShotArena() before the application is built.");
        }
    }
}
