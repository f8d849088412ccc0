using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using OneShot;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Requests;

namespace Microsoft.AspNetCore.Http;

/// <summary>The request's arena, and what it says as bytes, as properties of <see cref="HttpContext"/>.</summary>
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
        /// The query of this request as bytes: <c>context.QuerySpans["page"u8]</c>. As it was sent, whatever middleware has since done to <c>Request.QueryString</c>.
        /// </summary>
        /// <remarks>Not thread-safe, as the arena: what has an escape or a plus sign is decoded into it.</remarks>
        /// <exception cref="InvalidOperationException">The context belongs to no request of a host with <c>services.AddOneShotArena()</c>, or the request is over.</exception>
        public QuerySpans QuerySpans
        {
            get
            {
                IRequestArenaFeature feature = Feature(context);
                return new QuerySpans(feature.HeaderSpans, feature);
            }
        }

        /// <summary>The cookies of this request as bytes: <c>context.CookieSpans["session"u8]</c>.</summary>
        /// <exception cref="InvalidOperationException">The context belongs to no request of a host with <c>services.AddOneShotArena()</c>, or the request is over.</exception>
        public CookieSpans CookieSpans => new(Feature(context).HeaderSpans.Lines);

        /// <summary>
        /// The token of <c>Authorization: Bearer</c>, by the grammar of RFC 6750, section 2.1; the scheme in any case. Empty where there is none, where it is not of that
        /// form, and where there are two Authorization lines. That it is of the right form says nothing of who made it.
        /// </summary>
        /// <exception cref="InvalidOperationException">The context belongs to no request of a host with <c>services.AddOneShotArena()</c>, or the request is over.</exception>
        public ReadOnlySpan<byte> BearerToken => HeadFields.BearerTokenOf(Feature(context).HeaderSpans);

        /// <summary>The caller's place in a distributed trace, by W3C Trace Context; none where <c>traceparent</c> is missing, not valid, or there twice.</summary>
        /// <exception cref="InvalidOperationException">The context belongs to no request of a host with <c>services.AddOneShotArena()</c>, or the request is over.</exception>
        public TraceParent TraceParent => HeadFields.TraceParentOf(Feature(context).HeaderSpans);

        /// <summary>The request's method, such as <c>GET</c>.</summary>
        /// <exception cref="InvalidOperationException">The context belongs to no request of a host with <c>services.AddOneShotArena()</c>, or the request is over.</exception>
        public ReadOnlySpan<byte> MethodSpan => RequestHead.MethodOf(Feature(context).HeaderSpans);

        /// <summary>The request target as it was sent, in any of its forms (RFC 9112, section 3.2), query included; nothing in it is decoded.</summary>
        /// <exception cref="InvalidOperationException">The context belongs to no request of a host with <c>services.AddOneShotArena()</c>, or the request is over.</exception>
        public ReadOnlySpan<byte> TargetSpan => RequestHead.TargetOf(Feature(context).HeaderSpans);

        /// <summary>
        /// The target's path as <c>Request.Path</c> has it before middleware changes that: percent-decoded, without dot segments, in UTF-8. A path that needs neither is a
        /// span into the head; any other is decoded into the arena each time it is asked for. Empty where the target has none (<c>*</c>, an authority).
        /// </summary>
        /// <remarks>Not thread-safe, as the arena: reading it may allocate.</remarks>
        /// <exception cref="ArenaExhaustedException">The path has to be decoded, the process arena is full, and its policy is not to fall back.</exception>
        /// <exception cref="InvalidOperationException">The context belongs to no request of a host with <c>services.AddOneShotArena()</c>, or the request is over.</exception>
        public ReadOnlySpan<byte> PathSpan
        {
            get
            {
                IRequestArenaFeature feature = Feature(context);
                return RequestHead.PathOf(feature.HeaderSpans, feature);
            }
        }

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
