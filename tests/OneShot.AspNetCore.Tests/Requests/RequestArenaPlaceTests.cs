using System.Text;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.TestHost;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Tests.Requests;

/// <summary>The arena is there for every middleware, whether the line <c>app.UseOneShotArena()</c> is written first, last or not at all.</summary>
public sealed class RequestArenaPlaceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public enum Line
    {
        Missing,
        First,
        Late,
        Twice,
    }

    public static TheoryData<Line, ArenaExhaustion> Lines =>
        new MatrixTheoryData<Line, ArenaExhaustion>(Enum.GetValues<Line>(), [ArenaExhaustion.Fallback, ArenaExhaustion.Reject]);

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Every_middleware_has_the_arena(Line line, ArenaExhaustion exhaustion)
    {
        await using WebApplication app = Build(exhaustion);
        if (line is Line.First or Line.Twice)
        {
            app.UseOneShotArena();
        }

        app.Use(next => context =>
        {
            context.Response.Headers["Early"] = Text(context);
            return next(context);
        });
        if (line is Line.Late or Line.Twice)
        {
            app.UseOneShotArena();
        }

        app.Run(context => context.Response.WriteAsync(Text(context)));
        await app.StartAsync(Cancel);
        using HttpClient client = app.GetTestClient();
        client.DefaultRequestHeaders.Add("X-Probe", "value");

        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await client.GetAsync(new Uri("/", UriKind.Relative), Cancel);
            Assert.Equal("value", await response.Content.ReadAsStringAsync(Cancel));
            Assert.Equal("value", Assert.Single(response.Headers.GetValues("Early")));
        }
    }

    [Theory]
    [InlineData(HttpTransportType.LongPolling)]
    [InlineData(HttpTransportType.ServerSentEvents)]
    public async Task A_hub_on_a_TestServer_reads_header_spans(HttpTransportType transport)
    {
        await using WebApplication app = Build(ArenaExhaustion.Fallback);
        app.MapHub<ProbeHub>("/hub");
        await app.StartAsync(Cancel);
        TestServer server = app.GetTestServer();
        await using HubConnection connection = new HubConnectionBuilder()
            .WithUrl(new Uri(server.BaseAddress, "hub"), options =>
            {
                options.Transports = transport;
                options.HttpMessageHandlerFactory = _ => server.CreateHandler();
                options.Headers["X-Probe"] = "value";
            })
            .Build();
        await connection.StartAsync(Cancel);

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("value", await connection.InvokeAsync<string>(nameof(ProbeHub.Probe), Cancel));
        }
    }

    [Fact]
    public async Task A_copy_without_services_of_its_own_is_told_what_is_missing()
    {
        await using WebApplication app = Build(ArenaExhaustion.Fallback);
        await app.StartAsync(Cancel);
        var context = new DefaultHttpContext();

        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => context.HeaderSpans.Count);

        Assert.Contains("has no arena", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_with_a_scope_of_its_own_has_an_arena_until_the_scope_ends()
    {
        await using WebApplication app = Build(ArenaExhaustion.Fallback);
        await app.StartAsync(Cancel);
        IRequestArenaFeature feature;
        await using (AsyncServiceScope scope = app.Services.CreateAsyncScope())
        {
            var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
            context.Request.Headers["X-Probe"] = "value";
            Assert.Equal("value", Text(context));
            Assert.Equal("value", Text(context));
            feature = context.Features.Get<IRequestArenaFeature>()!;
        }

        Assert.Throws<ObjectDisposedException>(() => feature.Arena);
    }

    private static WebApplication Build(ArenaExhaustion exhaustion)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddSignalR();
        builder.Services.AddOneShotArena(options =>
        {
            options.Capacity = 4 << 20;
            options.Reclamation = ArenaReclamation.Never;
            options.Exhaustion = exhaustion;
        });
        return builder.Build();
    }

    private static string Text(HttpContext context)
    {
        context.Arena.Allocate<byte>(8)[0] = 1;
        return Encoding.UTF8.GetString(context.HeaderSpans["x-probe"u8]);
    }

    private sealed class ProbeHub : Hub
    {
        public string Probe() => Text(Context.GetHttpContext()!);
    }
}
