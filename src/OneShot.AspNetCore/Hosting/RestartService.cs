using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Hosting;

/// <summary>
/// Starts what watches the arena before the server takes its first request, and ends it after the last.
/// </summary>
/// <remarks>It asks the container at start, not before: the process arena must not be made of options that were not validated.</remarks>
internal sealed class RestartService(IServiceProvider services) : IHostedService
{
    private RestartReload? _reload;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        RestartMonitor monitor = services.GetRequiredService<RestartMonitor>();
        _reload = ActivatorUtilities.CreateInstance<RestartReload>(services);
        monitor.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _reload?.Dispose();
        if (_reload is not null)
        {
            services.GetRequiredService<RestartMonitor>().Stop();
        }

        return Task.CompletedTask;
    }
}
