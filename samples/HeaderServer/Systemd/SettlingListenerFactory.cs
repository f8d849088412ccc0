using System.Net;
using Microsoft.AspNetCore.Connections;

namespace HeaderServer.Systemd;

/// <summary>
/// A transport whose listeners let what they have accepted settle before the server ends its connections. Kestrel stops accepting, and
/// at once closes every connection that has sent nothing: also one that was accepted a moment ago, whose request is on its way. Where
/// a balancer stands in front, none come any more by then. Behind a socket that stays they come until the end.
/// </summary>
internal sealed class SettlingListenerFactory(IConnectionListenerFactory transport) : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    // Some round trips: what was accepted last has sent its request by then.
    private static readonly TimeSpan s_settling = TimeSpan.FromMilliseconds(100);

    /// <summary>Puts one around each transport that is registered by now.</summary>
    public static void AddAround(IServiceCollection services)
    {
        for (int i = 0; i < services.Count; i++)
        {
            ServiceDescriptor inner = services[i];
            if (inner.ServiceType == typeof(IConnectionListenerFactory) && !inner.IsKeyedService)
            {
                services[i] = ServiceDescriptor.Singleton<IConnectionListenerFactory>(provider => new SettlingListenerFactory(Create(inner, provider)));
            }
        }
    }

    public bool CanBind(EndPoint endpoint) => transport is not IConnectionListenerFactorySelector selector || selector.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await transport.BindAsync(endpoint, cancellationToken));

    /// <summary>The container knows this one only.</summary>
    public void Dispose() => (transport as IDisposable)?.Dispose();

    private static IConnectionListenerFactory Create(ServiceDescriptor descriptor, IServiceProvider services) => (IConnectionListenerFactory)(
        descriptor.ImplementationInstance
        ?? descriptor.ImplementationFactory?.Invoke(services)
        ?? ActivatorUtilities.CreateInstance(services, descriptor.ImplementationType!));

    private sealed class Listener(IConnectionListener inner) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => inner.AcceptAsync(cancellationToken);

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await inner.UnbindAsync(cancellationToken);
            await Task.Delay(s_settling, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
