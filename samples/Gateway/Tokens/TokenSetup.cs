using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Tokens;

/// <summary>JWT bearer tokens, RS256, for everything that does not say otherwise.</summary>
internal static class TokenSetup
{
    /// <summary>The policy of who may publish notices.</summary>
    public const string MayPublish = "notices:publish";

    private const string HubPath = "/hubs";

    /// <returns>For the lines that add to the scheme.</returns>
    public static AuthenticationBuilder AddTokens(this WebApplicationBuilder builder)
    {
        TokenSettings settings = TokenSettings.Read(builder.Configuration);
        SecurityKey? key = null;
        if (settings.DevelopmentKey)
        {
            CheckThatOnlyDevelopersAsk(builder);
            DevelopmentIssuer issuer = new(settings.Issuer, settings.Audience);
            builder.Services.AddSingleton(issuer);
            key = issuer.Key;
        }
        else if (settings.PublicKeyFile is { } file)
        {
            key = ReadKey(file);
        }

        builder.Services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(MayPublish, static policy => policy.RequireAuthenticatedUser().RequireAssertion(static context => HasScope(context, MayPublish)));
        return builder.Services.AddAuthentication().AddJwtBearer(options =>
        {
            options.MapInboundClaims = false;
            options.TokenValidationParameters.NameClaimType = "sub";
            options.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.RsaSha256];
            options.TokenValidationParameters.ClockSkew = settings.ClockSkew;
            options.Events = new JwtBearerEvents { OnMessageReceived = ReadQueryOfHubs };
            if (key is not null)
            {
                options.TokenValidationParameters.IssuerSigningKey = key;
            }
        });
    }

    /// <summary>Whoever reaches <c>POST /token</c> is let in everywhere.</summary>
    private static void CheckThatOnlyDevelopersAsk(WebApplicationBuilder builder)
    {
        if (!builder.Environment.IsDevelopment() && ListenAddress.ReadAll(builder.Configuration).FirstOrDefault(static address => !address.IsLoopback) is { } open)
        {
            throw new InvalidSettingException(
                $"{TokenSettings.DevelopmentKeyName} gives tokens to anybody, and {ListenAddress.KeyOf(open.Endpoint)} is '{open.Address}', which others reach: write localhost there, or set the environment to Development.");
        }
    }

    /// <summary>
    /// A browser cannot send a header with a WebSocket: the token comes in the query, of the hubs alone. Where there is a line, the line counts, as for the
    /// token cache, which knows no other.
    /// </summary>
    private static Task ReadQueryOfHubs(MessageReceivedContext context)
    {
        if (context.Request.Path.StartsWithSegments(HubPath) && context.Request.Headers.Authorization.Count == 0)
        {
            context.Token = context.Request.Query["access_token"];
        }

        return Task.CompletedTask;
    }

    /// <summary>RFC 8693, 4.2: scopes in one claim, with spaces between them.</summary>
    private static bool HasScope(AuthorizationHandlerContext context, string scope) =>
        context.User.FindFirst("scope") is { } claim && claim.Value.Split(' ').Contains(scope, StringComparer.Ordinal);

    private static RsaSecurityKey ReadKey(string file)
    {
        RSA key = RSA.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            return new RsaSecurityKey(key);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new InvalidSettingException($"the key of {nameof(TokenSettings.PublicKeyFile)} '{file}' cannot be read: {exception.Message}");
        }
    }
}
