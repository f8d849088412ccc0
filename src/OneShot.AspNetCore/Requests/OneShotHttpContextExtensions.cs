using System.Diagnostics.CodeAnalysis;
using OneShot;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Requests;

namespace Microsoft.AspNetCore.Http;

/// <summary>The request's arena and its header spans, as properties of <see cref="HttpContext"/>.</summary>
public static class OneShotHttpContextExtensions
{
    extension(HttpContext context)
    {
        /// <summary>
        /// The arena of this request. What is allocated from it is zeroed, valid until the request ends, and freed by nobody.
        /// One owner at a time: not thread-safe.
        /// </summary>
        /// <exception cref="InvalidOperationException"><c>app.UseOneShotArena()</c> is missing or stands further down the pipeline.</exception>
        public RequestArena Arena => Feature(context).Arena;

        /// <summary>
        /// The header fields of this request as UTF-8 bytes, looked up by name without making a string; valid until the
        /// request ends or leaves its arena. <c>context.HeaderSpans["x-request-id"u8]</c> is empty where there is no such field.
        /// </summary>
        /// <exception cref="InvalidOperationException"><c>app.UseOneShotArena()</c> is missing or stands further down the pipeline.</exception>
        public HeaderSpans HeaderSpans => Feature(context).HeaderSpans;

        /// <summary>
        /// Gives the arena back while the request goes on, such as a WebSocket for hours: see <see cref="IRequestArenaFeature.ReleaseArena"/>.
        /// Nothing taken from it, and no header span read before, may be used afterwards; headers can be read again.
        /// </summary>
        /// <returns>True; false, and nothing has changed, where a feature of another maker cannot give the arena back.</returns>
        /// <exception cref="InvalidOperationException"><c>app.UseOneShotArena()</c> is missing or stands further down the pipeline.</exception>
        public bool ReleaseArena() => Feature(context).ReleaseArena();
    }

    private static IRequestArenaFeature Feature(HttpContext context)
    {
        IRequestArenaFeature? feature = context.Features.Get<IRequestArenaFeature>();
        if (feature is null)
        {
            ThrowMissing();
        }

        return feature;
    }

    [DoesNotReturn]
    private static void ThrowMissing() => throw new InvalidOperationException(
        "This request has no arena. Call app.UseOneShotArena() before the middleware or endpoint that uses it, and use it only until the request ends.");
}
