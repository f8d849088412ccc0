using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Http1.Endpoints;
using OneShot.AspNetCore.Logging;

namespace OneShot.AspNetCore.Hosting;

/// <summary>
/// Says so, once the server has started, when the front was asked for and does not serve: Kestrel was registered after it, another
/// server stands around Kestrel, or the application has set Kestrel's endpoint defaults itself, which replaces ours. Kestrel's own HTTP/1.1 answers then.
/// </summary>
/// <remarks>It asks the container when the host starts: a host without a server has none of this.</remarks>
internal sealed class Http1EndpointCheck(IServiceProvider services, Http1Endpoints endpoints, ILogger<Http1EndpointCheck> logger)
    : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        // Under another server than Kestrel (a TestServer in its place) nobody asks for Kestrel's options, and so for the front.
        bool isAskedFor = endpoints.IsForAll || endpoints.Count > 0;
        if (isAskedFor && endpoints.IsStarted)
        {
            if (endpoints.Count == 0)
            {
                Events.FrontServesNoEndpoint(logger);
            }
        }
        else if (isAskedFor && services.GetService<IServer>()?.GetType() is { } server)
        {
            if (Http1Setup.IsKestrel(server))
            {
                Events.FrontBeforeServer(logger);
            }
            else if (endpoints.ForeignServer is { } foreign)
            {
                Events.FrontAroundServer(logger, foreign);
            }
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
