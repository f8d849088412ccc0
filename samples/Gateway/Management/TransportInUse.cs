using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Management;

/// <summary>What serves TCP in fact: on a system that the transport of OneShot does not know, Kestrel's own serves instead.</summary>
internal static class TransportInUse
{
    public static string Of(OneShotLines lines, IServiceProvider services) =>
        lines.Transport && CanServe(services.GetServices<IConnectionListenerFactory>().Last()) ? "OneShot" : "Sockets";

    private static bool CanServe(IConnectionListenerFactory factory) =>
        factory is IConnectionListenerFactorySelector selector && selector.CanBind(new IPEndPoint(IPAddress.Loopback, 0));
}
