using System.Net;
using Microsoft.AspNetCore.Connections;

namespace HeaderServer;

/// <summary>What brings bytes from the kernel to whoever parses them, and back: Kestrel's sockets, or the transport of OneShot.</summary>
internal enum Transport
{
    Sockets,
    OneShot,
}

internal static class TransportSetting
{
    private const string Key = "OneShot:Transport";

    public static Transport Read(IConfiguration configuration) => configuration[Key] switch
    {
        null => OperatingSystem.IsLinux() ? Transport.OneShot : Transport.Sockets,
        string text when text.Equals(nameof(Transport.OneShot), StringComparison.OrdinalIgnoreCase) => Transport.OneShot,
        string text when text.Equals(nameof(Transport.Sockets), StringComparison.OrdinalIgnoreCase) => Transport.Sockets,
        string text => throw new InvalidSettingException($"{Key} is '{text}': write OneShot or Sockets."),
    };

    /// <summary>What serves TCP in fact: on a system that the transport of OneShot does not know, Kestrel's own serves instead.</summary>
    public static Transport InUse(Transport wanted, IServiceProvider services) =>
        wanted == Transport.OneShot && CanServe(services.GetServices<IConnectionListenerFactory>().Last()) ? Transport.OneShot : Transport.Sockets;

    private static bool CanServe(IConnectionListenerFactory factory) =>
        factory is IConnectionListenerFactorySelector selector && selector.CanBind(new IPEndPoint(IPAddress.Loopback, 0));
}
