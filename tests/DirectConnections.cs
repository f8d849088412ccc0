using System.Net;
using System.Runtime.CompilerServices;

namespace OneShot.Tests;

/// <summary>Every test project's clients talk to servers on loopback: a proxy that the environment names (<c>HTTP_PROXY</c>) is not for them.</summary>
internal static class DirectConnections
{
    [ModuleInitializer]
    internal static void Use() => HttpClient.DefaultProxy = new WebProxy();
}
