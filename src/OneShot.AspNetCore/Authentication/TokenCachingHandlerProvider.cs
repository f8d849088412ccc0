using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Authentication;

/// <summary>Gives the handlers of a request's schemes, with the cache before those that have one. Of the request's scope.</summary>
internal sealed class TokenCachingHandlerProvider(IAuthenticationHandlerProvider inner, IAuthenticationSchemeProvider schemes, TokenCaches caches) : IAuthenticationHandlerProvider
{
    private readonly Dictionary<string, TokenCachingHandler> _handlers = new(StringComparer.Ordinal);

    /// <remarks>A scheme that was removed has no cache either, and one that answers requests itself (callbacks) is left as it is.</remarks>
    public async Task<IAuthenticationHandler?> GetHandlerAsync(HttpContext context, string authenticationScheme)
    {
        if (caches.Of(authenticationScheme) is not { } cache
            || await schemes.GetSchemeAsync(authenticationScheme) is not { } scheme
            || typeof(IAuthenticationRequestHandler).IsAssignableFrom(scheme.HandlerType))
        {
            return await inner.GetHandlerAsync(context, authenticationScheme);
        }

        if (!_handlers.TryGetValue(authenticationScheme, out TokenCachingHandler? handler))
        {
            handler = new TokenCachingHandler(context, authenticationScheme, inner, cache);
            _handlers.Add(authenticationScheme, handler);
        }

        return handler;
    }
}
