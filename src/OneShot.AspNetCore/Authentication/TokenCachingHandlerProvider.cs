using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Authentication;

/// <summary>Gives the handlers of a request's schemes, with the cache before those that have one. Of the request's scope.</summary>
internal sealed class TokenCachingHandlerProvider(IAuthenticationHandlerProvider inner, TokenCaches caches) : IAuthenticationHandlerProvider
{
    private readonly Dictionary<string, TokenCachingHandler> _handlers = new(StringComparer.Ordinal);

    public Task<IAuthenticationHandler?> GetHandlerAsync(HttpContext context, string authenticationScheme)
    {
        if (caches.Of(authenticationScheme) is not { } cache)
        {
            return inner.GetHandlerAsync(context, authenticationScheme);
        }

        if (!_handlers.TryGetValue(authenticationScheme, out TokenCachingHandler? handler))
        {
            handler = new TokenCachingHandler(context, authenticationScheme, inner, cache);
            _handlers.Add(authenticationScheme, handler);
        }

        return Task.FromResult<IAuthenticationHandler?>(handler);
    }
}
