using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Http1.Endpoints;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// The server the host sees: Kestrel, unchanged, behind a decorator that notes which application it is started with.
/// The front runs that same application, so diagnostics, context factory and middleware work as ever.
/// </summary>
internal sealed class Http1Server(IServer inner, Http1ServiceContext service, Http1Endpoints endpoints) : IServer, IAsyncDisposable
{
    public IFeatureCollection Features => inner.Features;

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        service.Start(new Http1Application<TContext>(application, service));
        endpoints.AddLastPlaces();
        return inner.StartAsync(application, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => inner.StopAsync(cancellationToken);

    public void Dispose() => inner.Dispose();

    public ValueTask DisposeAsync()
    {
        if (inner is IAsyncDisposable disposable)
        {
            return disposable.DisposeAsync();
        }

        inner.Dispose();
        return default;
    }
}
