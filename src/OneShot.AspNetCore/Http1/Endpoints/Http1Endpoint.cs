using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using OneShot.AspNetCore.Http1.Response;
using OneShot.AspNetCore.Logging;

namespace OneShot.AspNetCore.Http1.Endpoints;

/// <summary>
/// Decides where in an endpoint's chain the front stands: behind everything that its owner put there. It may be asked for
/// anywhere in the chain, and more than once. Each time leaves a place, and only the last of them counts.
/// </summary>
/// <param name="options">The endpoint.</param>
/// <param name="served">Told when the front stands in the chain.</param>
internal sealed class Http1Endpoint(ListenOptions options, Action<ListenOptions> served)
{
    private int _places;
    private bool _isBehindAll;

    /// <summary>One more place, behind all that will ever be there but Kestrel's HTTP.</summary>
    internal void AddLastPlace()
    {
        _isBehindAll = true;
        AddPlace();
    }

    internal void AddPlace()
    {
        // Kestrel builds the chain when it binds the endpoint, after everything was added to it.
        int place = ++_places;
        options.Use(next => place == _places ? Build(next) : next);
    }

    private ConnectionDelegate Build(ConnectionDelegate next)
    {
        Http1ServiceContext? service = options.ApplicationServices.GetService<Http1ServiceContext>();
        if (service?.Application is not { } application || !options.Protocols.HasFlag(HttpProtocols.Http1))
        {
            return next; // the server is not ours (a warning says so), or none of this is
        }

        bool isNext = KestrelHttp.Is(next, application.ContextType);
        if (!isNext && (_isBehindAll || !KestrelHttp.IsKnown))
        {
            Events.KestrelNotRecognized(service.Logger, options.ToString() ?? "", KestrelHttp.Version);
            return next;
        }

        served(options);

        // As Kestrel: there is an HTTP/3 to offer where something is registered that listens for it.
        bool offersHttp3 = options.Protocols.HasFlag(HttpProtocols.Http3)
            && !options.DisableAltSvcHeader
            && options.ApplicationServices.GetServices<IMultiplexedConnectionListenerFactory>().Any();
        var middleware = new Http1ConnectionMiddleware(service, application, options.ToString() ?? "", new AltSvc(offersHttp3), next);
        return isNext ? middleware.OnConnectionAsync : middleware.OnConnectionAheadAsync;
    }
}
