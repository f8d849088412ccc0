using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Succession;

namespace OneShot.AspNetCore.Hosting;

/// <summary>Has Kestrel's transport, and OneShot's, which goes by the same option, open listening sockets by way of <see cref="ListeningSockets"/>.</summary>
/// <remarks>After all of the application's own settings: what it opens by itself is seen as well.</remarks>
internal sealed class ListeningSocketsSetup(ListeningSockets sockets, IOptions<OneShotOptions> options) : IPostConfigureOptions<SocketTransportOptions>
{
    public void PostConfigure(string? name, SocketTransportOptions transport)
    {
        Func<EndPoint, Socket> create = transport.CreateBoundListenSocket;
        bool isToBeHandedOn = options.Value.Restart.Succeed;
        transport.CreateBoundListenSocket = endPoint => sockets.Bind(endPoint, isToBeHandedOn, create);
    }
}
