using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Tokens;

/// <summary>Signs tokens with a key that is made at the start and dies with the process. Thread-safe.</summary>
internal sealed class DevelopmentIssuer : IDisposable
{
    private static readonly TimeSpan s_validBefore = TimeSpan.FromMinutes(1);

    private readonly RSA _key = RSA.Create(2048);
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly string _issuer;
    private readonly string _audience;

    public DevelopmentIssuer(string issuer, string audience)
    {
        _issuer = issuer;
        _audience = audience;
        Key = new RsaSecurityKey(_key) { KeyId = "development" };
    }

    public SecurityKey Key { get; }

    /// <param name="subject">Whom the token is for.</param>
    /// <param name="scope">What it allows, with spaces between; null for nothing in particular.</param>
    /// <param name="lifetime">From now on; a negative one makes a token that has expired.</param>
    public string Issue(string subject, string? scope, TimeSpan lifetime)
    {
        DateTime now = DateTime.UtcNow;
        DateTime expires = now + lifetime;
        Dictionary<string, object> claims = new() { ["sub"] = subject };
        if (scope is not null)
        {
            claims["scope"] = scope;
        }

        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = _issuer,
            Audience = _audience,
            Claims = claims,
            IssuedAt = now,
            NotBefore = (expires < now ? expires : now) - s_validBefore,
            Expires = expires,
            SigningCredentials = new SigningCredentials(Key, SecurityAlgorithms.RsaSha256),
        });
    }

    public void Dispose() => _key.Dispose();
}
