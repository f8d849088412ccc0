using System.Net;

namespace OneShot.AspNetCore.Tests.Requests;

public class ExhaustionTests
{
    [Fact]
    public async Task Under_Fallback_a_full_arena_still_answers_and_counts()
    {
        await using ArenaHost host = await ArenaHost.StartAsync(Allocate(100));
        host.FillUp();

        HttpResponseMessage response = await host.GetAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1, host.Process.FallbackBlocks);
    }

    [Fact]
    public async Task Under_Reject_a_full_arena_answers_503_and_the_application_does_not_run()
    {
        bool ran = false;
        await using ArenaHost host = await ArenaHost.StartAsync(
            context =>
            {
                ran = true;
                return Task.CompletedTask;
            },
            options => options.Exhaustion = ArenaExhaustion.Reject);
        host.FillUp();

        HttpResponseMessage response = await host.GetAsync();

        AssertRejected(response);
        Assert.False(ran);
    }

    [Fact]
    public async Task Under_Reject_a_request_that_needs_more_than_there_is_gets_503()
    {
        await using ArenaHost host = await ArenaHost.StartAsync(
            context =>
            {
                context.Response.Headers["x-secret"] = "half an answer";
                return Allocate(1 << 20)(context);
            },
            options => options.Exhaustion = ArenaExhaustion.Reject);

        HttpResponseMessage response = await host.GetAsync();

        AssertRejected(response);
        Assert.False(response.Headers.Contains("x-secret"));
    }

    [Fact]
    public async Task Under_Reject_an_application_that_suspended_gets_503_as_well()
    {
        await using ArenaHost host = await ArenaHost.StartAsync(
            async context =>
            {
                await Task.Yield();
                context.Arena.Allocate<byte>(1 << 20);
            },
            options => options.Exhaustion = ArenaExhaustion.Reject);

        AssertRejected(await host.GetAsync());
    }

    [Fact]
    public async Task Under_Reject_a_response_that_has_started_is_not_touched()
    {
        await using ArenaHost host = await ArenaHost.StartAsync(
            async context =>
            {
                await context.Response.WriteAsync("started");
                await context.Response.Body.FlushAsync();
                context.Arena.Allocate<byte>(1 << 20);
            },
            options => options.Exhaustion = ArenaExhaustion.Reject);

        // TestServer hands the exception to whoever reads the rest of the body.
        await Assert.ThrowsAnyAsync<Exception>(host.GetAsync);
    }

    [Fact]
    public async Task Under_Reject_a_rejected_request_gives_its_arena_back()
    {
        await using ArenaHost host = await ArenaHost.StartAsync(Allocate(100), options => options.Exhaustion = ArenaExhaustion.Reject);
        (await host.GetAsync()).EnsureSuccessStatusCode();
        host.FillUp();

        // The tail of the first request's block: the only room there is, and only for those who get that arena.
        for (int i = 0; i < 5; i++)
        {
            (await host.GetAsync()).EnsureSuccessStatusCode();
        }
    }

    [Fact]
    public async Task Under_Throw_the_exception_is_the_applications()
    {
        await using ArenaHost host = await ArenaHost.StartAsync(Allocate(1 << 20), options => options.Exhaustion = ArenaExhaustion.Throw);

        ArenaExhaustedException exception = await Assert.ThrowsAsync<ArenaExhaustedException>(host.GetAsync);

        Assert.True(exception.Requested >= 1 << 20);
    }

    private static RequestDelegate Allocate(int size) => context =>
    {
        context.Arena.Allocate<byte>(size);
        return Task.CompletedTask;
    };

    private static void AssertRejected(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("1", Assert.Single(response.Headers.GetValues("Retry-After")));
    }
}
