using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Tests.Requests;

namespace OneShot.AspNetCore.Tests.Authentication;

/// <summary>The cache before a scheme of bearer tokens, which counts how often it validates.</summary>
public sealed class TokenCacheTests
{
    public static TheoryData<ServerKind> Servers => new(Enum.GetValues<ServerKind>());

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_token_is_validated_once_and_passes_from_then_on(ServerKind kind)
    {
        Validator validator = new();
        await using AnyServer server = await StartAsync(kind, validator);

        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("alice 1", await AskAsync(server, "good-alice"));
            Assert.Equal("bob 1", await AskAsync(server, "good-bob"));
        }

        Assert.Equal(2, validator.Count);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task What_was_refused_is_asked_for_again_and_the_handler_challenges(ServerKind kind)
    {
        Validator validator = new();
        await using AnyServer server = await StartAsync(kind, validator);

        for (int i = 1; i <= 3; i++)
        {
            HttpResponseMessage refused = await server.GetAsync("/", ("Authorization", "Bearer bad"));
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("Counting", refused.Headers.WwwAuthenticate.Single().Scheme);
            Assert.Equal(i, validator.Count);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await server.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.GetAsync("/", ("Authorization", "Basic YTpi"))).StatusCode);
    }

    [Fact]
    public async Task A_token_is_validated_anew_when_it_has_expired_and_when_its_time_in_the_cache_is_over()
    {
        Validator validator = new();
        await using AnyServer server = await StartAsync(ServerKind.Front, validator, lifetime: TimeSpan.FromMinutes(2));

        await AskAsync(server, "good-alice"); // expires in 5 minutes
        await AskAsync(server, "good-soon"); // in one
        validator.Now += TimeSpan.FromSeconds(61);
        await AskAsync(server, "good-alice");
        await AskAsync(server, "good-soon");
        Assert.Equal(3, validator.Count);
        validator.Now += TimeSpan.FromSeconds(60);
        await AskAsync(server, "good-alice");
        Assert.Equal(4, validator.Count);
    }

    [Theory]
    [InlineData("good-endless")]
    [InlineData("good-special")]
    public async Task A_ticket_that_does_not_say_when_it_expires_or_has_a_principal_of_its_own_kind_is_not_kept(string token)
    {
        Validator validator = new();
        await using AnyServer server = await StartAsync(ServerKind.Front, validator);

        for (int i = 1; i <= 3; i++)
        {
            Assert.Equal(token["good-".Length..] + " 1", await AskAsync(server, token));
            Assert.Equal(i, validator.Count);
        }
    }

    /// <summary>Transformations add to the principal that they are given: each request has its own.</summary>
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task What_a_request_adds_to_its_principal_is_not_in_the_next_ones(ServerKind kind)
    {
        Validator validator = new();
        await using AnyServer server = await StartAsync(kind, validator, services => services.AddSingleton<IClaimsTransformation, Adding>());

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("alice 2", await AskAsync(server, "good-alice"));
        }

        Assert.Equal(1, validator.Count);
    }

    /// <summary>The client has sent one token, and the handler sees another. Where the spans are made of what the handler sees, that one is kept; on the front neither is.</summary>
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_token_that_middleware_has_put_in_place_of_the_clients_is_never_taken_for_it(ServerKind kind)
    {
        Validator validator = new();
        await using AnyServer server = await StartAsync(kind, validator, before: context =>
        {
            if (context.Request.Headers["X-As"] is { Count: 1 } other)
            {
                context.Request.Headers.Authorization = "Bearer " + other;
            }
        });

        Assert.Equal("bob 1", await AskAsync(server, "good-alice", ("X-As", "good-bob")));
        Assert.Equal("alice 1", await AskAsync(server, "good-alice"));
        Assert.Equal("bob 1", await AskAsync(server, "good-alice", ("X-As", "good-bob")));
        Assert.Equal("alice 1", await AskAsync(server, "good-alice"));
        Assert.Equal(kind == ServerKind.Front ? 3 : 2, validator.Count);
    }

    [Fact]
    public async Task A_request_that_is_authenticated_twice_is_validated_once()
    {
        Validator validator = new();
        await using AnyServer server = await StartAsync(ServerKind.Kestrel, validator, again: true);

        Assert.Equal("alice 1", await AskAsync(server, "good-alice"));
        Assert.Equal("alice 1", await AskAsync(server, "good-alice"));
        Assert.Equal(1, validator.Count);
    }

    /// <summary>As AddBearerToken's: what makes tokens goes on making them behind the cache.</summary>
    [Fact]
    public async Task A_scheme_that_signs_in_still_does_and_one_that_does_not_says_so()
    {
        await using AnyServer server = await AnyServer.StartAsync(
            ServerKind.Front,
            async context =>
            {
                ClaimsPrincipal user = new(new ClaimsIdentity([new Claim(ClaimTypes.Name, "alice")], "test"));
                await Assert.ThrowsAsync<InvalidOperationException>(() => context.SignInAsync("Bearer", user));
                await Assert.ThrowsAsync<InvalidOperationException>(() => context.SignOutAsync("Bearer"));
                await context.SignInAsync("Making", user);
            },
            services: services =>
            {
                services.AddSingleton(new Validator());
                services.AddAuthentication("Bearer")
                    .AddScheme<AuthenticationSchemeOptions, CountingHandler>("Bearer", null).AddOneShotTokenCache()
                    .AddBearerToken("Making").AddOneShotTokenCache("Making");
            });

        Assert.Contains("accessToken", await AnyServer.TextOf(await server.GetAsync("/")), StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_that_are_none_and_a_provider_of_somebody_else_are_refused_when_the_line_is_written()
    {
        AuthenticationBuilder builder = new ServiceCollection().AddAuthentication();
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.AddOneShotTokenCache(capacity: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.AddOneShotTokenCache(lifetime: TimeSpan.Zero));
        Assert.Throws<ArgumentException>(() => builder.AddOneShotTokenCache(scheme: ""));
        builder.AddOneShotTokenCache().AddOneShotTokenCache("Other");

        ServiceCollection services = new();
        services.AddScoped<IAuthenticationHandlerProvider, Foreign>();
        Assert.Throws<InvalidOperationException>(() => services.AddAuthentication().AddOneShotTokenCache());
    }

    private static Task<string> AskAsync(AnyServer server, string token, params (string Name, string Value)[] more) => TextAsync(
        server.GetAsync("/", [("Authorization", "Bearer " + token), .. more]));

    private static async Task<string> TextAsync(Task<HttpResponseMessage> answer) => await AnyServer.TextOf(await answer);

    private static Task<AnyServer> StartAsync(
        ServerKind kind, Validator validator, Action<IServiceCollection>? services = null, Action<HttpContext>? before = null, TimeSpan? lifetime = null, bool again = false) => AnyServer.StartAsync(
        kind,
        async context =>
        {
            if (again)
            {
                await context.AuthenticateAsync("Bearer");
            }

            if (context.User.Identity is not { IsAuthenticated: true })
            {
                await context.ChallengeAsync();
                return;
            }

            await context.Response.WriteAsync($"{context.User.Identity.Name} {context.User.Claims.Count()}");
        },
        services: collection =>
        {
            collection.AddSingleton(validator);
            collection.AddSingleton<TimeProvider>(validator);
            collection.AddAuthentication("Bearer")
                .AddScheme<AuthenticationSchemeOptions, CountingHandler>("Bearer", null)
                .AddOneShotTokenCache(lifetime: lifetime);
            services?.Invoke(collection);
        },
        pipeline: app =>
        {
            app.Use((context, next) =>
            {
                before?.Invoke(context);
                return next(context);
            });
            app.UseAuthentication();
        });

    private sealed class Validator : TimeProvider
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;

        public void Add() => Interlocked.Increment(ref _count);
    }

    private sealed class CountingHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Validator validator)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            string? credentials = Request.Headers.Authorization;
            if (credentials?.StartsWith("Bearer ", StringComparison.Ordinal) != true)
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            validator.Add();
            string token = credentials["Bearer ".Length..];
            if (!token.StartsWith("good-", StringComparison.Ordinal))
            {
                return Task.FromResult(AuthenticateResult.Fail("bad"));
            }

            string name = token["good-".Length..];
            ClaimsIdentity identity = new([new Claim(ClaimTypes.Name, name)], Scheme.Name);
            AuthenticationProperties properties = new()
            {
                ExpiresUtc = name switch
                {
                    "endless" => null,
                    "soon" => validator.Now + TimeSpan.FromMinutes(1),
                    _ => validator.Now + TimeSpan.FromMinutes(5),
                },
            };
            properties.StoreTokens([new AuthenticationToken { Name = "access_token", Value = token }]);
            ClaimsPrincipal principal = name == "special" ? new SpecialPrincipal(identity) : new ClaimsPrincipal(identity);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(principal, properties, Scheme.Name)));
        }

        protected override Task HandleChallengeAsync(AuthenticationProperties properties)
        {
            Response.Headers.WWWAuthenticate = "Counting";
            return base.HandleChallengeAsync(properties);
        }
    }

    private sealed class SpecialPrincipal(ClaimsIdentity identity) : ClaimsPrincipal(identity);

    private sealed class Adding : IClaimsTransformation
    {
        public Task<ClaimsPrincipal> TransformAsync(ClaimsPrincipal principal)
        {
            principal.AddIdentity(new ClaimsIdentity([new Claim("added", "1")]));
            return Task.FromResult(principal);
        }
    }

    private sealed class Foreign : IAuthenticationHandlerProvider
    {
        public Task<IAuthenticationHandler?> GetHandlerAsync(HttpContext context, string authenticationScheme) => Task.FromResult<IAuthenticationHandler?>(null);
    }
}
