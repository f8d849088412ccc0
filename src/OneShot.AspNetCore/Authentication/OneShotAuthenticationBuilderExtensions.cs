using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OneShot.AspNetCore.Authentication;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a cache of validated tokens to a scheme of bearer tokens.</summary>
public static class OneShotAuthenticationBuilderExtensions
{
    private static readonly TimeSpan s_defaultLifetime = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Lets tokens that the scheme's handler has found valid pass without being validated again, until they expire and at most for <paramref name="lifetime"/>. The line after
    /// <c>AddJwtBearer()</c>, or after any scheme that reads <c>Authorization: Bearer</c>, and says in its ticket when the token expires, and which it was (<c>SaveToken</c>, the default of
    /// <c>AddJwtBearer</c>; <see cref="AuthenticationTokenExtensions.StoreTokens"/>).
    /// </summary>
    /// <remarks>
    /// <para>A token that is revoked, and a key that is withdrawn, count for up to <paramref name="lifetime"/> longer. Events of the handler (<c>OnTokenValidated</c>) come when it
    /// validates, not with every request; a handler that looks at more than the token (the client's certificate, the host, the tenant), or at another token first (<c>OnMessageReceived</c>), must not have a cache.</para>
    /// <para>Needs <c>services.AddOneShotArena()</c>; without it all tokens are validated.</para>
    /// </remarks>
    /// <param name="builder">What <c>services.AddAuthentication()</c> has returned.</param>
    /// <param name="scheme">The scheme, <c>Bearer</c> by default as <c>AddJwtBearer</c>'s.</param>
    /// <param name="capacity">The most tokens that are kept.</param>
    /// <param name="lifetime">How long one is; a minute by default.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is less than 1, or <paramref name="lifetime"/> is not positive.</exception>
    /// <exception cref="InvalidOperationException">Something else has replaced the handler provider of ASP.NET Core.</exception>
    public static AuthenticationBuilder AddOneShotTokenCache(this AuthenticationBuilder builder, string scheme = "Bearer", int capacity = 4096, TimeSpan? lifetime = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(scheme);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        TimeSpan kept = lifetime ?? s_defaultLifetime;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(kept, TimeSpan.Zero, nameof(lifetime));

        IServiceCollection services = builder.Services;
        if (!services.Any(static service => service.ServiceType == typeof(TokenCaches)))
        {
            Decorate(services);
            services.AddSingleton(static provider => new TokenCaches(provider.GetServices<TokenCacheSettings>(), provider.GetService<TimeProvider>()));
        }

        services.AddSingleton(new TokenCacheSettings(scheme, capacity, kept));
        return builder;
    }

    private static void Decorate(IServiceCollection services)
    {
        ServiceDescriptor? provider = services.LastOrDefault(static service => service.ServiceType == typeof(IAuthenticationHandlerProvider) && !service.IsKeyedService);
        if (provider?.ImplementationType != typeof(AuthenticationHandlerProvider))
        {
            throw new InvalidOperationException(
                "AddOneShotTokenCache stands before the handler provider of ASP.NET Core, and another one is registered. Call it before whatever replaces that.");
        }

        services.Replace(ServiceDescriptor.Scoped<IAuthenticationHandlerProvider>(static scope => new TokenCachingHandlerProvider(
            new AuthenticationHandlerProvider(scope.GetRequiredService<IAuthenticationSchemeProvider>()),
            scope.GetRequiredService<IAuthenticationSchemeProvider>(),
            scope.GetRequiredService<TokenCaches>())));
    }
}
