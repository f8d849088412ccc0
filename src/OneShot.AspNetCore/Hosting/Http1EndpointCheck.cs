using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Http1;

namespace OneShot.AspNetCore.Hosting;

/// <summary>
/// Says so, once the server has started, when the front was asked for on every endpoint and stands on none: the application
/// has set Kestrel's endpoint defaults itself, which replaces ours, and Kestrel's own HTTP/1.1 answers.
/// </summary>
internal sealed partial class Http1EndpointCheck(IServer server, Http1Endpoints endpoints, ILogger<Http1EndpointCheck> logger)
    : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        // Another server (a TestServer in its place) has no endpoints the front could stand on.
        if (server is Http1Server && endpoints.Count == 0)
        {
            LogNoEndpoint(logger);
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1301, LogLevel.Warning,
        "UseOneShotHttp1() serves no endpoint: a ConfigureEndpointDefaults callback of this application has replaced it, and Kestrel's own HTTP/1.1 answers. Write listenOptions.UseOneShotHttp1() in that callback.",
        EventName = "FrontServesNoEndpoint")]
    private static partial void LogNoEndpoint(ILogger logger);
}
