using Microsoft.AspNetCore.Authentication;
using OneShot.AspNetCore.Caching;

namespace OneShot.AspNetCore.Authentication;

/// <summary>The caches of validated tokens, one for each scheme that has one. Set up before the host starts, and only read from then on.</summary>
internal sealed class TokenCaches
{
    private readonly Dictionary<string, SpanCache<AuthenticationTicket>> _byScheme = new(StringComparer.Ordinal);

    /// <param name="settings">What was asked for; of two for a scheme the last counts.</param>
    /// <param name="time">By which tokens expire.</param>
    public TokenCaches(IEnumerable<TokenCacheSettings> settings, TimeProvider? time = null)
    {
        Time = time ?? TimeProvider.System;
        foreach (TokenCacheSettings setting in settings)
        {
            _byScheme[setting.Scheme] = new SpanCache<AuthenticationTicket>(setting.Capacity, setting.Lifetime, Time) { MaxKeyLength = TokenCacheSettings.LongestToken };
        }
    }

    public TimeProvider Time { get; }

    /// <summary>The scheme's, or null.</summary>
    public SpanCache<AuthenticationTicket>? Of(string scheme) => _byScheme.GetValueOrDefault(scheme);
}
