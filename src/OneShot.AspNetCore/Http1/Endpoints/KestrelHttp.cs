using System.Reflection;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OneShot.AspNetCore.Http1.Endpoints;

/// <summary>
/// Tells Kestrel's own HTTP, which ends the chain of an endpoint, from everything else that may stand there. Where it is not
/// recognised, the connection is left to Kestrel.
/// </summary>
internal static class KestrelHttp
{
    private static readonly Assembly s_kestrel = typeof(KestrelServerOptions).Assembly;

    /// <summary>
    /// Next in the chain is Kestrel's HTTP: of all that Kestrel puts into a chain, it alone is made for an application, so its type
    /// has the type of the application's context for an argument.
    /// </summary>
    internal static bool Is(ConnectionDelegate next, Type contextType) =>
        next.Target?.GetType() is { IsGenericType: true } type
        && type.Assembly == s_kestrel
        && Array.IndexOf(type.GenericTypeArguments, contextType) >= 0;

    /// <summary>This is what Kestrel's HTTP has the heartbeat call: nothing else of Kestrel's asks for it.</summary>
    internal static bool IsConnection(object heartbeatState) => heartbeatState.GetType().Assembly == s_kestrel;
}
