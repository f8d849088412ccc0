using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>A process arena that runs full below the front: each policy's promise.</summary>
public sealed class ExhaustionTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static Task<FrontServer> StartAsync(ArenaExhaustion exhaustion) => FrontServer.StartAsync(
        context =>
        {
            context.Arena.Allocate<byte>(1000);
            return context.Response.WriteAsync("ok");
        },
        options =>
        {
            options.Capacity = 256 * 1024;
            options.Reclamation = ArenaReclamation.Never;
            options.Exhaustion = exhaustion;
        });

    [Fact]
    public async Task Fallback_loses_no_request()
    {
        await using FrontServer server = await StartAsync(ArenaExhaustion.Fallback);
        ProcessArena process = server.Services.GetRequiredService<ProcessArena>();

        for (int i = 0; i < 1000; i++)
        {
            await using InMemoryConnection client = server.Connect(); // a process that drains keeps none open
            Assert.Equal("ok", (await client.RoundTripAsync(Get)).Text);
        }

        Assert.True(process.Utilization > 0.9, $"{process.Used} of {process.Capacity}");
        Assert.True(process.FallbackBlocks > 0);
    }

    [Fact]
    public async Task Reject_answers_503_with_a_time_to_come_back_and_nothing_of_the_application_runs()
    {
        await using FrontServer server = await StartAsync(ArenaExhaustion.Reject);
        RawResponse? refused = null;
        for (int i = 0; i < 1000 && refused is null; i++)
        {
            await using InMemoryConnection client = server.Connect();
            int requests = server.Requests;
            RawResponse response = await client.RoundTripAsync(Get);
            if (response.Status == 503 && server.Requests == requests)
            {
                refused = response;
                Assert.True(await client.IsClosedByServerAsync());
            }
        }

        Assert.Equal("1", refused?["Retry-After"]);
    }

    [Fact]
    public async Task Throw_reaches_the_application_as_an_exception()
    {
        await using FrontServer server = await StartAsync(ArenaExhaustion.Throw);
        var statuses = new HashSet<int>();
        for (int i = 0; i < 1000 && !statuses.Contains(500); i++)
        {
            await using InMemoryConnection client = server.Connect();
            statuses.Add((await client.RoundTripAsync(Get)).Status);
        }

        Assert.Contains(500, statuses);
        Assert.Contains(server.Log.Entries, entry => entry.Exception is ArenaExhaustedException);
    }
}
