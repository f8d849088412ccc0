using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;
using OneShot.AspNetCore.Tests.Requests;

namespace OneShot.AspNetCore.Tests.Authentication;

/// <summary>The cache before the real handler of JWTs, with the one line.</summary>
public sealed class JwtTests
{
    private static readonly byte[] s_key = RandomNumberGenerator.GetBytes(32);

    public static TheoryData<ServerKind> Servers => new(Enum.GetValues<ServerKind>());

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_signed_token_is_validated_once_and_a_forged_one_each_time(ServerKind kind)
    {
        int validated = 0;
        int failed = 0;
        await using AnyServer server = await AnyServer.StartAsync(
            kind,
            async context =>
            {
                if (context.User.Identity is not { IsAuthenticated: true } identity)
                {
                    await context.ChallengeAsync();
                    return;
                }

                await context.Response.WriteAsync(identity.Name ?? "nobody");
            },
            services: services => services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
                .AddJwtBearer(options =>
                {
                    options.TokenValidationParameters = new TokenValidationParameters
                    {
                        IssuerSigningKey = new SymmetricSecurityKey(s_key),
                        ValidateIssuer = false,
                        ValidateAudience = false,
                        NameClaimType = "name",
                    };
                    options.Events = new JwtBearerEvents
                    {
                        OnTokenValidated = _ =>
                        {
                            Interlocked.Increment(ref validated);
                            return Task.CompletedTask;
                        },
                        OnAuthenticationFailed = _ =>
                        {
                            Interlocked.Increment(ref failed);
                            return Task.CompletedTask;
                        },
                    };
                })
                .AddOneShotTokenCache(),
            pipeline: app => app.UseAuthentication());
        string alice = Token("alice", s_key);
        string forged = Token("alice", RandomNumberGenerator.GetBytes(32));

        for (int i = 1; i <= 3; i++)
        {
            Assert.Equal("alice", await AnyServer.TextOf(await server.GetAsync("/", ("Authorization", "Bearer " + alice))));
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.GetAsync("/", ("Authorization", "Bearer " + forged))).StatusCode);
            Assert.Equal((1, i), (validated, failed));
        }
    }

    private static string Token(string name, byte[] key)
    {
        long expires = DateTimeOffset.UtcNow.AddMinutes(10).ToUnixTimeSeconds();
        string signed = Encoded("""{"alg":"HS256","typ":"JWT"}""") + "." + Encoded($$"""{"name":"{{name}}","exp":{{expires}}}""");
        return signed + "." + Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)));
    }

    private static string Encoded(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
