using System.Net;
using Microsoft.AspNetCore.Connections;
using OneShot.Transport.Hosting;

namespace OneShot.Differential.Tests.Transport;

/// <summary>A loopback address that OneShot's transport serves, beside others of Kestrel's own.</summary>
internal sealed class LoopEndPoint() : IPEndPoint(IPAddress.Loopback, 0);

/// <summary>The transport, for every <see cref="LoopEndPoint"/> and no other address.</summary>
internal sealed class LoopTransport(OneShotTransportFactory factory) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is LoopEndPoint && factory.CanBind(endpoint);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0), cancellationToken);
}
