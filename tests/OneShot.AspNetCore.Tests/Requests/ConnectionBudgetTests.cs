using System.Text;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Hosting;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Tests.Http1;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Requests;

/// <summary>One connection takes more than its share of memory that never comes back: it is served as ever, and fills nothing.</summary>
public sealed class ConnectionBudgetTests
{
    private const int BytesPerSecond = 16 << 10;

    private readonly ManualClock _clock = new();

    [Fact]
    public async Task A_flood_of_one_connection_ends_at_its_budget_and_every_request_is_answered()
    {
        await using FrontServer server = await StartAsync(static context => context.Response.WriteAsync($"{context.Request.Headers["X-Number"]} {context.HeaderSpans["x-number"u8].Length}"));
        await using InMemoryConnection flood = server.Connect();
        for (int i = 0; i < 1_000; i++)
        {
            RawResponse response = await flood.RoundTripAsync(Large(i));
            Assert.Equal((200, $"{i} {Large(i).IndexOf("\r\nX-Large", StringComparison.Ordinal) - Large(0).IndexOf("0\r\nX-Large", StringComparison.Ordinal)}"), (response.Status, response.Text));
        }

        ProcessArena never = server.Services.GetRequiredService<ProcessArena>();
        Assert.InRange(never.Used, BytesPerSecond, BytesPerSecond + (16 << 10));
        Assert.InRange(Reclaimed(server).Process.Used, 0, 64 << 10);

        // Somebody else has a budget of his own, and this one has it back after a while.
        long before = never.Used;
        await using InMemoryConnection other = server.Connect();
        Assert.Equal(200, (await other.RoundTripAsync(Large(0))).Status);
        Assert.True(never.Used > before);
        before = never.Used;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await flood.RoundTripAsync(Large(0))).Status);
        Assert.True(never.Used > before);
    }

    [Fact]
    public async Task Requests_that_are_pipelined_are_charged_one_by_one()
    {
        await using FrontServer server = await StartAsync(static context => context.Response.WriteAsync("ok"));
        await using InMemoryConnection flood = server.Connect();
        for (int round = 0; round < 40; round++)
        {
            await flood.SendAsync(string.Concat(Enumerable.Range(0, 16).Select(Large)));
            for (int i = 0; i < 16; i++)
            {
                Assert.Equal(200, (await flood.ReadResponseAsync()).Status);
            }
        }

        Assert.InRange(server.Services.GetRequiredService<ProcessArena>().Used, BytesPerSecond, BytesPerSecond + (16 << 10));
    }

    // What is let go of goes back to where it came from, whichever that was, also when the pool has changed meanwhile.
    [Fact]
    public async Task What_requests_let_go_of_goes_back_to_where_it_came_from()
    {
        await using FrontServer server = await StartAsync(static context =>
        {
            byte[] mine = context.Arena.AllocateUninitialized<byte>(5_000).ToArray();
            context.ReleaseArena();
            context.Arena.Allocate<byte>(3_000)[0] = 1;
            context.ReleaseArena();
            return context.Response.WriteAsync(Encoding.ASCII.GetString(context.HeaderSpans["x-number"u8]) + mine.Length);
        });
        await using InMemoryConnection flood = server.Connect();
        for (int i = 0; i < 300; i++)
        {
            Assert.Equal((200, $"{i % 50}5000"), Of(await flood.RoundTripAsync(Large(i % 50))));
            if (i % 50 == 49)
            {
                _clock.Advance(TimeSpan.FromSeconds(5)); // back within its budget, for a few
            }
        }

        _clock.Advance(TimeSpan.FromSeconds(5)); // what was released waits for a while
        Assert.All([server.Services.GetRequiredService<RequestArenaPool>(), Reclaimed(server)], static pool =>
        {
            for (int i = 0; i < 20; i++)
            {
                ArenaLease lease = pool.Rent();
                Assert.Same(pool.Process, lease.Arena!.Process);
                pool.Return(lease);
            }
        });
    }

    [Theory]
    [InlineData(ArenaReclamation.Never, 0)]
    [InlineData(ArenaReclamation.PerRequest, BytesPerSecond)]
    [InlineData(ArenaReclamation.Generational, BytesPerSecond)]
    public async Task Without_a_budget_or_where_memory_comes_back_there_is_no_second_arena(ArenaReclamation reclamation, long budget)
    {
        await using FrontServer server = await StartAsync(static context => context.Response.WriteAsync("ok"), options => (options.Reclamation, options.ConnectionBudget) = (reclamation, budget));
        Assert.Null(server.Services.GetRequiredService<OverBudgetArenas>().Pool);
        Assert.Equal(0, server.Services.GetRequiredService<IOptions<OneShotOptions>>().Value.OverBudgetCapacity);
    }

    private static (int Status, string Text) Of(RawResponse response) => (response.Status, response.Text);

    private static string Large(int number) => $"GET / HTTP/1.1\r\nHost: a\r\nX-Number: {number}\r\nX-Large: {new string('x', 1_000)}\r\n\r\n";

    private static RequestArenaPool Reclaimed(FrontServer server) => server.Services.GetRequiredService<OverBudgetArenas>().Pool!;

    private Task<FrontServer> StartAsync(RequestDelegate application, Action<OneShotOptions>? configure = null) => FrontServer.StartAsync(
        application,
        options =>
        {
            (options.Reclamation, options.Capacity, options.ConnectionBudget) = (ArenaReclamation.Never, 8 << 20, BytesPerSecond);
            configure?.Invoke(options);
        },
        services: services => services.AddSingleton<TimeProvider>(_clock));
}
