using System.IO.Pipelines;
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
    private const string Internal = "Microsoft.AspNetCore.Server.Kestrel.Core.Internal.";
    private const string InKestrel = ", Microsoft.AspNetCore.Server.Kestrel.Core";

    private static readonly Assembly s_kestrel = typeof(KestrelServerOptions).Assembly;

    // By constant names, so that a trimmed program keeps them.
    private static readonly FieldInfo? s_context =
        Type.GetType(Internal + "HttpConnection" + InKestrel)?.GetField("_context", BindingFlags.Instance | BindingFlags.NonPublic);

    private static readonly PropertyInfo? s_connection =
        Type.GetType(Internal + "BaseHttpConnectionContext" + InKestrel)?.GetProperty("ConnectionContext");

    private static readonly PropertyInfo? s_transport =
        Type.GetType(Internal + "HttpConnectionContext" + InKestrel)?.GetProperty("Transport");

    /// <summary>In this version of Kestrel its HTTP can be told from others that stand between.</summary>
    internal static bool IsKnown => s_context is not null && s_connection is not null && s_transport is not null;

    internal static string Version => s_kestrel.GetName().Version?.ToString() ?? "";

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

    /// <summary>
    /// The transport that Kestrel's HTTP reads, if it was handed this very connection; null if it was handed another, whose owner may
    /// have put something of his own before the transport.
    /// </summary>
    /// <remarks>
    /// No public member tells. What Kestrel's HTTP asks of a connection, and in which order, does not: one that passes all
    /// questions on, and deciphers the transport, is asked the same.
    /// </remarks>
    internal static IDuplexPipe? TransportOf(object heartbeatState, ConnectionContext connection) =>
        s_context?.DeclaringType?.IsInstanceOfType(heartbeatState) == true
        && s_context.GetValue(heartbeatState) is { } context
        && s_transport?.DeclaringType?.IsInstanceOfType(context) == true
        && ReferenceEquals(s_connection?.GetValue(context), connection)
            ? s_transport.GetValue(context) as IDuplexPipe
            : null;
}
