using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using OneShot;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Requests;

namespace Microsoft.AspNetCore.Http;

/// <summary>The request's arena and its header spans, as properties of <see cref="HttpContext"/>.</summary>
public static partial class OneShotHttpContextExtensions
{
    extension(HttpContext context)
    {
        /// <summary>
        /// The arena of this request. What is allocated from it is zeroed, valid until the request ends, and freed by nobody.
        /// One owner at a time: not thread-safe.
        /// </summary>
        /// <exception cref="InvalidOperationException">The context belongs to no request of a host with <c>services.AddOneShotArena()</c>.</exception>
        public RequestArena Arena => Feature(context).Arena;

        /// <summary>
        /// The header fields of this request as UTF-8 bytes, looked up by name without making a string; valid until the
        /// request ends or leaves its arena. <c>context.HeaderSpans["x-request-id"u8]</c> is empty where there is no such field.
        /// </summary>
        /// <exception cref="InvalidOperationException">The context belongs to no request of a host with <c>services.AddOneShotArena()</c>, or the request is over.</exception>
        public HeaderSpans HeaderSpans => Feature(context).HeaderSpans;

        /// <summary>
        /// Gives the arena back while the request goes on, such as a WebSocket for hours: see <see cref="IRequestArenaFeature.ReleaseArena"/>.
        /// Nothing taken from it, and no header span read before, may be used afterwards; headers can be read again.
        /// </summary>
        /// <returns>True; false, and nothing has changed, where a feature of another maker cannot give the arena back.</returns>
        /// <exception cref="InvalidOperationException">The context belongs to no request of a host with <c>services.AddOneShotArena()</c>.</exception>
        public bool ReleaseArena() => Feature(context).ReleaseArena();
    }

    private static IRequestArenaFeature Feature(HttpContext context)
    {
        IRequestArenaFeature? feature = context.ArenaFeatureOf() ?? OfScope(context);
        if (feature is null)
        {
            ThrowMissing();
        }

        return feature;
    }

    /// <summary>
    /// A copy of a context, such as SignalR makes of a long-polling request, has the services of a scope of its own, and an arena as
    /// long as that. A context that makes its scope itself is a server's: without a feature, its request is over.
    /// </summary>
    private static IRequestArenaFeature? OfScope(HttpContext context) =>
        context is DefaultHttpContext { ServiceScopeFactory: null, RequestServices: { } services }
            ? services.GetService<ScopedRequestArena>()?.Attach(context)
            : null;

    [DoesNotReturn]
    private static void ThrowMissing() => throw new InvalidOperationException(
        "This request has no arena. Call services.AddOneShotArena(), or app.UseOneShotArena() where there is no host, and use it only until the request ends.");
}
