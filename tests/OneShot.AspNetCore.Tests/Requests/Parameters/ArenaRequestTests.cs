using System.Net;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.AspNetCore.Mvc.Controllers;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Tests.Requests.Parameters;

/// <summary>What handlers of minimal APIs and actions of controllers may take as parameters.</summary>
public sealed class ArenaRequestTests
{
    public static TheoryData<ServerKind> Servers => new(Enum.GetValues<ServerKind>());

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_minimal_API_binds_it_beside_everything_else(ServerKind kind)
    {
        await using AnyServer server = await StartAsync(kind, app => app.MapGet("/minimal/{id}", (ArenaRequest request, int id) => Describe(request, id)));

        Assert.Equal("7 a=1 x=2 q=3 9 True", await AskAsync(server, "/minimal/7?q=3"));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_minimal_API_reads_its_body_by_it(ServerKind kind)
    {
        await using AnyServer server = await StartAsync(kind, app => app.MapPost("/minimal", async (ArenaRequest request) =>
        {
            ArenaBody body = await request.ReadBodyAsync(5);
            return Encoding.ASCII.GetString(body.Span);
        }));

        Assert.Equal("hello", await AnyServer.TextOf(await server.PostAsync("hello"u8.ToArray(), target: "/minimal")));
        if (kind != ServerKind.TestServer)
        {
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await server.PostAsync("hello!"u8.ToArray(), target: "/minimal")).StatusCode);
        }
    }

    [Theory]
    [InlineData("/plain/7?q=3")]
    [InlineData("/api/7?q=3")]
    public async Task A_controller_binds_it_whether_or_not_it_is_an_API_controller(string target)
    {
        foreach (ServerKind kind in Enum.GetValues<ServerKind>())
        {
            await using AnyServer server = await StartAsync(kind, app => app.MapControllers(), WithControllers);

            Assert.Equal("7 a=1 x=2 q=3 9 True", await AskAsync(server, target));
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_minimal_API_takes_the_arena_itself_and_each_request_has_its_own(ServerKind kind)
    {
        var kept = new List<RequestArena>();
        int refused = 0;
        await using AnyServer server = await StartAsync(kind, app => app.MapGet("/arena", (RequestArena arena, HttpContext context) =>
        {
            refused += kept.Count(earlier => Record.Exception(() => earlier.Allocated) is ObjectDisposedException);
            kept.Add(arena);
            long before = context.Arena.Allocated;
            arena.Allocate<byte>(64).Fill(1);
            return $"{context.Arena.Allocated - before}";
        }));

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("64", await AnyServer.TextOf(await server.GetAsync("/arena")));
        }

        Assert.Equal(1 + 2, refused);
    }

    [Theory]
    [InlineData("/plain/arena")]
    [InlineData("/api/arena")]
    public async Task An_action_takes_the_arena_itself(string target)
    {
        await using AnyServer server = await StartAsync(ServerKind.Front, app => app.MapControllers(), WithControllers);

        Assert.Equal("64", await AnyServer.TextOf(await server.GetAsync(target)));
    }

    [Fact]
    public async Task An_arena_that_is_asked_for_where_no_parameter_is_bound_says_so()
    {
        await using AnyServer server = await StartAsync(ServerKind.Front, app => app.MapGet("/services", (HttpContext context) =>
            Assert.Throws<InvalidOperationException>(() => context.RequestServices.GetRequiredService<RequestArena>()).Message));

        Assert.Contains("HttpContext", await AnyServer.TextOf(await server.GetAsync("/services")), StringComparison.Ordinal);
    }

    /// <summary>The build makes an application part of every application that uses an assembly with such a reference, and each loads MVC for it.</summary>
    [Fact]
    public void An_application_without_controllers_does_not_load_MVC_for_it() => Assert.DoesNotContain(
        typeof(ArenaRequest).Assembly.GetReferencedAssemblies(),
        reference => reference.Name!.StartsWith("Microsoft.AspNetCore.Mvc", StringComparison.Ordinal));

    /// <summary>What the page on handlers says of it; should the framework learn it, the page is wrong.</summary>
    [Fact]
    public async Task A_ref_struct_is_no_parameter_that_the_framework_can_bind()
    {
        await using AnyServer server = await StartAsync(ServerKind.Kestrel, app => app.MapGet("/spans", (HeaderSpans headers) => headers.Count));

        Assert.Equal(HttpStatusCode.InternalServerError, (await server.GetAsync("/spans")).StatusCode);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task It_is_refused_after_its_request(ServerKind kind)
    {
        ArenaRequest? kept = null;
        int refused = 0;
        await using AnyServer server = await StartAsync(kind, app => app.MapGet("/minimal", (ArenaRequest request) =>
        {
            kept = request;
            return "ok";
        }));
        await server.GetAsync("/minimal");
        await Http1.Transport.Eventually.HoldsAsync(() => Record.Exception(() => kept!.Arena.Allocated) is InvalidOperationException);
        refused += Record.Exception(() => kept!.HeaderSpans.Count) is InvalidOperationException ? 1 : 0;
        refused += Record.Exception(() => kept!.QuerySpans.Raw.Length) is InvalidOperationException ? 1 : 0;

        Assert.Equal(2, refused);
    }

    private static async Task<string> AskAsync(AnyServer server, string target) =>
        await AnyServer.TextOf(await server.GetAsync(target, ("Cookie", "a=1"), ("X-Tag", "2"), ("Authorization", "Bearer 123456789"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")));

    private static string Describe(ArenaRequest request, int id)
    {
        request.Arena.Allocate<byte>(16).Fill(1);
        return $"{id} a={Text(request.CookieSpans["a"u8])} x={Text(request.HeaderSpans["x-tag"u8])} q={Text(request.QuerySpans["q"u8])} {request.BearerToken.Length} {request.TraceParent.IsSampled}";
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes);

    private static void WithControllers(IServiceCollection services) => services
        .AddControllers()
        .ConfigureApplicationPartManager(parts => parts.FeatureProviders.Add(new TheseControllers()));

    private static Task<AnyServer> StartAsync(ServerKind kind, Action<WebApplication> map, Action<IServiceCollection>? services = null) => AnyServer.StartAsync(
        kind,
        context =>
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        },
        services: services,
        pipeline: app =>
        {
            app.UseRouting();
            map(app);
            app.UseEndpoints(_ => { });
        });

    private sealed class TheseControllers : IApplicationFeatureProvider<ControllerFeature>
    {
        public void PopulateFeature(IEnumerable<ApplicationPart> parts, ControllerFeature feature)
        {
            feature.Controllers.Clear();
            feature.Controllers.Add(System.Reflection.IntrospectionExtensions.GetTypeInfo(typeof(PlainController)));
            feature.Controllers.Add(System.Reflection.IntrospectionExtensions.GetTypeInfo(typeof(StrictController)));
        }
    }

    [Route("plain")]
    public sealed class PlainController : Controller
    {
        [HttpGet("{id}")]
        public string Get([FromServices] ArenaRequest request, int id) => Describe(request, id);

        [HttpGet("arena")]
        public int Arena([FromServices] RequestArena arena) => arena.Allocate<byte>(64).Length;
    }

    [ApiController]
    [Route("api")]
    public sealed class StrictController : ControllerBase
    {
        [HttpGet("{id}")]
        public string Get(ArenaRequest request, int id) => Describe(request, id);

        [HttpGet("arena")]
        public int Arena(RequestArena arena) => arena.Allocate<byte>(64).Length;
    }
}
