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

    /// <summary>A cookie for browsers, and a line that means nothing: who sends the line alone must not be who sent the cookie.</summary>
    [Theory]
    [InlineData("undefined")]
    [InlineData("null")]
    public async Task A_token_from_a_cookie_is_not_kept_under_the_line_that_came_with_it(string line)
    {
        await using AnyServer server = await AnyServer.StartAsync(
            ServerKind.Front,
            static async context => await context.Response.WriteAsync(context.User.Identity?.Name ?? "nobody"),
            services: static services => services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
                .AddJwtBearer(static options =>
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
                        OnMessageReceived = static message =>
                        {
                            message.Token = message.Request.Cookies["token"];
                            return Task.CompletedTask;
                        },
                    };
                })
                .AddOneShotTokenCache(),
            pipeline: static app => app.UseAuthentication());

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal("alice", await AnyServer.TextOf(await server.GetAsync("/", ("Authorization", "Bearer " + line), ("Cookie", "token=" + Token("alice", s_key)))));
            Assert.Equal("nobody", await AnyServer.TextOf(await server.GetAsync("/", ("Authorization", "Bearer " + line))));
            Assert.Equal("bob", await AnyServer.TextOf(await server.GetAsync("/", ("Authorization", "Bearer " + line), ("Cookie", "token=" + Token("bob", s_key)))));
        }
    }

    /// <summary>The scheme of tokens hands requests with a cookie on to the scheme of cookies, whose tickets expire too.</summary>
    [Fact]
    public async Task What_another_scheme_has_found_is_not_kept_under_a_token()
    {
        await using AnyServer server = await AnyServer.StartAsync(
            ServerKind.Front,
            static async context =>
            {
                if (context.Request.Path == "/in")
                {
                    await context.SignInAsync("Cookies", new(new System.Security.Claims.ClaimsIdentity([new("name", "alice")], "test", "name", "role")));
                    return;
                }

                await context.Response.WriteAsync(context.User.Identity?.Name ?? "nobody");
            },
            services: static services => services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
                .AddCookie("Cookies", static options => options.Cookie.Path = "/in") // the client keeps it, and must not send it by itself
                .AddJwtBearer(static options => options.ForwardDefaultSelector = static context => context.Request.Headers.Cookie.Count > 0 ? "Cookies" : null)
                .AddOneShotTokenCache(),
            pipeline: static app => app.UseAuthentication());
        string cookie = (await server.GetAsync("/in")).Headers.GetValues("Set-Cookie").Single().Split(';')[0];

        Assert.Equal("alice", await AnyServer.TextOf(await server.GetAsync("/", ("Authorization", "Bearer x"), ("Cookie", cookie))));
        Assert.Equal("nobody", await AnyServer.TextOf(await server.GetAsync("/", ("Authorization", "Bearer x"))));
    }

    private static string Token(string name, byte[] key)
    {
        long expires = DateTimeOffset.UtcNow.AddMinutes(10).ToUnixTimeSeconds();
        string signed = Encoded("""{"alg":"HS256","typ":"JWT"}""") + "." + Encoded($$"""{"name":"{{name}}","exp":{{expires}}}""");
        return signed + "." + Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)));
    }

    private static string Encoded(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
