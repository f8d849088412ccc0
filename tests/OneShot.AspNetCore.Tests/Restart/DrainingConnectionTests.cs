using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OneShot.AspNetCore.Hosting;
using OneShot.AspNetCore.Restart;
using OneShot.AspNetCore.Tests.Http1;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Restart;

/// <summary>Clients are sent elsewhere by the first answer of their turn, whoever speaks HTTP with them. Without a delay it is everybody's at once.</summary>
public class DrainingConnectionTests
{
    private const int Capacity = 4 << 20;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_first_answer_of_a_draining_process_is_its_connections_last(bool front)
    {
        await using FrontServer server = await StartAsync(front, static context => context.Response.WriteAsync("ok"));
        await using InMemoryConnection client = server.Connect();
        RawResponse before = await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Null(before["Connection"]);

        Fill(server.Services);
        RawResponse after = await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal((200, "ok"), (after.Status, after.Text));
        Assert.True(after.SaysClose);
        Assert.True(await client.IsClosedByServerAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Within_the_delay_each_connection_waits_for_its_turn(bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            static context => context.Response.WriteAsync("ok"),
            static options =>
            {
                Configure(options);
                options.Restart.DrainDelay = TimeSpan.FromHours(1);
            },
            front: front);
        server.Services.GetRequiredService<ProcessArena>().Allocate((int)(Capacity * 0.9));
        RestartMonitor monitor = server.Services.GetRequiredService<RestartMonitor>();
        Assert.True(SpinWait.SpinUntil(() => monitor.ClosesConnections && monitor.ClosesConnection(null), Limits.Patience));
        int closed = 0;
        for (int i = 0; i < 40; i++)
        {
            await using InMemoryConnection client = server.Connect();
            RawResponse response = await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.Equal(200, response.Status);
            closed += response.SaysClose ? 1 : 0;
        }

        Assert.InRange(closed, 0, 4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_application_that_clears_its_response_does_not_clear_that(bool front)
    {
        await using FrontServer server = await StartAsync(front, static context =>
        {
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        Fill(server.Services);
        await using InMemoryConnection client = server.Connect();

        RawResponse response = await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(404, response.Status);
        Assert.True(response.SaysClose);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_changes_its_protocol_does_so_while_the_process_drains(bool front)
    {
        await using FrontServer server = await StartAsync(front, static async context =>
        {
            await using Stream stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        });
        Fill(server.Services);
        await using InMemoryConnection client = server.Connect();

        RawResponse response = await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");

        Assert.Equal(101, response.Status);
        Assert.Equal("Upgrade", response["Connection"]);
    }

    [Fact]
    public async Task An_HTTP2_connection_is_told_to_go_and_its_request_is_answered()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOneShotArena(Configure);
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2));
        await using WebApplication app = builder.Build();
        app.UseOneShotArena();
        app.Run(static context => context.Response.WriteAsync(context.Connection.Id));
        await app.StartAsync(TestContext.Current.CancellationToken);
        using HttpClient client = new()
        {
            BaseAddress = new Uri(app.Urls.Single()),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        string first = await GetAsync(client);
        Assert.Equal(first, await GetAsync(client));

        Fill(app.Services);
        string last = await GetAsync(client);
        Assert.Equal(first, last);

        // When the client has read the GOAWAY is its own affair.
        using CancellationTokenSource patience = new(Limits.Patience);
        while (await GetAsync(client) == first)
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private static Task<string> GetAsync(HttpClient client) => client.GetStringAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);

    private static Task<FrontServer> StartAsync(bool front, RequestDelegate application) => FrontServer.StartAsync(
        application, Configure, front: front);

    private static void Configure(OneShotOptions options)
    {
        options.Capacity = Capacity;
        options.Reclamation = ArenaReclamation.Never;
        options.Restart.MinLife = TimeSpan.Zero;
        options.Restart.DrainDelay = TimeSpan.Zero;
    }

    private static void Fill(IServiceProvider services)
    {
        services.GetRequiredService<ProcessArena>().Allocate((int)(Capacity * 0.9));
        RestartMonitor monitor = services.GetRequiredService<RestartMonitor>();
        Assert.True(monitor.Phase >= RestartPhase.Draining);
        Assert.True(SpinWait.SpinUntil(() => monitor.ClosesConnection("any"), Limits.Patience)); // a sample has taken note
    }
}
