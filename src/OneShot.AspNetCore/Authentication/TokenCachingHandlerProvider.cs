using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Authentication;

/// <summary>Gives the handlers of a request's schemes, with the cache before those that have one. Of the request's scope.</summary>
internal sealed class TokenCachingHandlerProvider(IAuthenticationHandlerProvider inner, IAuthenticationSchemeProvider schemes, TokenCaches caches) : IAuthenticationHandlerProvider
{
    // Nearly every request asks for one scheme, several times over.
    private string? _scheme;
    private Task<IAuthenticationHandler?>? _handler;
    private Dictionary<string, Task<IAuthenticationHandler?>>? _others;

    public Task<IAuthenticationHandler?> GetHandlerAsync(HttpContext context, string authenticationScheme) =>
        _scheme == authenticationScheme ? _handler!
        : _others is not null && _others.TryGetValue(authenticationScheme, out Task<IAuthenticationHandler?>? other) ? other
        : MakeAsync(context, authenticationScheme);

    /// <remarks>A scheme that was removed has no cache either, and one that answers requests itself (callbacks) is left as it is.</remarks>
    private async Task<IAuthenticationHandler?> MakeAsync(HttpContext context, string authenticationScheme)
    {
        if (caches.Of(authenticationScheme) is not { } cache
            || await schemes.GetSchemeAsync(authenticationScheme) is not { } scheme
            || typeof(IAuthenticationRequestHandler).IsAssignableFrom(scheme.HandlerType))
        {
            return await inner.GetHandlerAsync(context, authenticationScheme);
        }

        Task<IAuthenticationHandler?> handler = Task.FromResult<IAuthenticationHandler?>(new TokenCachingHandler(context, authenticationScheme, inner, cache));
        if (_scheme is null)
        {
            (_handler, _scheme) = (handler, authenticationScheme);
        }
        else
        {
            (_others ??= new(StringComparer.Ordinal))[authenticationScheme] = handler;
        }

        return await handler;
    }
}
