using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using OneShot.AspNetCore.Caching;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Authentication;

/// <summary>
/// Stands before a scheme's handler, and answers for tokens that it has found valid before. What is not in the cache, and every challenge, is the handler's.
/// </summary>
/// <remarks>
/// Each request gets a copy of its own of what was validated: transformations of claims commonly add to the principal that they are given. Only what says when it expires is
/// kept, and nothing that was refused: who sends rubbish displaces nobody.
/// </remarks>
internal sealed class TokenCachingHandler(
    HttpContext context, string scheme, IAuthenticationHandlerProvider handlers, SpanCache<AuthenticationTicket> cache) : IAuthenticationSignInHandler
{
    /// <summary>As <c>SaveToken</c> stores it, which <c>AddJwtBearer</c> does unless told otherwise.</summary>
    private const string AccessToken = "access_token";

    private Task<AuthenticateResult>? _result;

    /// <summary>The provider has made it for its request, and the handler behind it is initialised when it is needed.</summary>
    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context) => Task.CompletedTask;

    public Task<AuthenticateResult> AuthenticateAsync() => _result ??=
        !TryGetToken(out ReadOnlySpan<byte> token) ? PassOnAsync()
        : cache.TryGetValue(token, out AuthenticationTicket? ticket) ? Task.FromResult(AuthenticateResult.Success(ticket!.Clone()))
        : ValidateAsync();

    public async Task ChallengeAsync(AuthenticationProperties? properties) => await (await GetHandlerAsync()).ChallengeAsync(properties);

    public async Task ForbidAsync(AuthenticationProperties? properties) => await (await GetHandlerAsync()).ForbidAsync(properties);

    /// <summary>Some schemes of bearer tokens make them, too.</summary>
    public async Task SignInAsync(ClaimsPrincipal user, AuthenticationProperties? properties) => await (await GetHandlerAsync<IAuthenticationSignInHandler>()).SignInAsync(user, properties);

    /// <summary>The token that signs out is forgotten.</summary>
    public async Task SignOutAsync(AuthenticationProperties? properties)
    {
        if (TryGetToken(out ReadOnlySpan<byte> token))
        {
            cache.Remove(token);
        }

        await (await GetHandlerAsync<IAuthenticationSignOutHandler>()).SignOutAsync(properties);
    }

    /// <summary>There is no token that could be kept.</summary>
    private async Task<AuthenticateResult> PassOnAsync() => await (await GetHandlerAsync()).AuthenticateAsync();

    private async Task<AuthenticateResult> ValidateAsync()
    {
        AuthenticateResult result = await (await GetHandlerAsync()).AuthenticateAsync();
        if (result is { Succeeded: true, Ticket: { Properties.ExpiresUtc: { } expiresAt } ticket }
            && ticket.AuthenticationScheme == scheme // not another scheme's that it forwards to, which may have looked at a cookie
            && ticket.Principal.GetType() == typeof(ClaimsPrincipal))
        {
            Keep(ticket, expiresAt);
        }

        return result;
    }

    /// <summary>
    /// Only by the token that the handler has validated, which its ticket says: an application may have given it another one than the line's (a cookie,
    /// <c>access_token</c> of the query), and whoever sends that line next must not be that user.
    /// </summary>
    private void Keep(AuthenticationTicket ticket, DateTimeOffset expiresAt)
    {
        if (TryGetToken(out ReadOnlySpan<byte> token) && ticket.Properties.GetTokenValue(AccessToken) is { } validated && Ascii.Equals(token, validated))
        {
            cache.Set(token, ticket.Clone(), expiresAt);
        }
    }

    /// <summary>The token that the client has sent, where it is what the handler sees: middleware may have put another one in its place.</summary>
    private bool TryGetToken(out ReadOnlySpan<byte> token)
    {
        token = default;
        StringValues seen = context.Request.Headers.Authorization;
        if (seen.Count != 1 || context.ArenaFeatureOf() is null)
        {
            return false; // nor are the request's spans made, where there is no front and nobody else asks for them
        }

        token = context.BearerToken;
        return !token.IsEmpty && seen[0] is { } credentials
            && credentials.Length >= token.Length && Ascii.Equals(token, credentials.AsSpan(credentials.Length - token.Length))
            && credentials.AsSpan(0, credentials.Length - token.Length).TrimEnd(' ').Equals("Bearer", StringComparison.OrdinalIgnoreCase);
    }

    private Task<IAuthenticationHandler> GetHandlerAsync() => GetHandlerAsync<IAuthenticationHandler>();

    private async Task<T> GetHandlerAsync<T>()
        where T : class, IAuthenticationHandler =>
        await handlers.GetHandlerAsync(context, scheme) as T
        ?? throw new InvalidOperationException($"The authentication scheme '{scheme}' has no handler, or none that is an {typeof(T).Name}.");
}
