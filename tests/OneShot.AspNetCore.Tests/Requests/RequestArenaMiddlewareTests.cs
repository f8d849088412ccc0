using System.Buffers;
using System.Text;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Tests.Requests;

public class RequestArenaMiddlewareTests
{
    [Fact]
    public async Task Every_request_has_an_arena_of_its_own()
    {
        await using ArenaHost host = await ArenaHost.StartAsync(context =>
        {
            Span<byte> memory = context.Arena.Allocate<byte>(100);
            context.Response.ContentLength = memory.Length;
            context.Response.BodyWriter.Write(memory);
            return Task.CompletedTask;
        });

        byte[] body = await (await host.GetAsync()).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

        Assert.Equal(new byte[100], body);
        Assert.True(host.Process.Used > 0);
    }

    [Fact]
    public async Task The_next_request_goes_on_in_the_tail_of_the_block()
    {
        await using ArenaHost host = await ArenaHost.StartAsync(Touch);
        await host.GetAsync();
        long used = host.Process.Held;

        for (int i = 0; i < 10; i++)
        {
            await host.GetAsync();
        }

        Assert.Equal(used, host.Process.Held);
    }

    [Fact]
    public async Task The_arena_is_returned_when_the_application_throws()
    {
        List<Arena> seen = [];
        await using ArenaHost host = await ArenaHost.StartAsync(context =>
        {
            seen.Add(context.Arena.Live);
            throw new InvalidTimeZoneException();
        });

        await Assert.ThrowsAsync<InvalidTimeZoneException>(host.GetAsync);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(host.GetAsync);

        Assert.Same(seen[0], seen[1]);
    }

    [Fact]
    public async Task The_arena_is_returned_when_the_client_goes_away()
    {
        List<Arena> seen = [];
        TaskCompletionSource entered = new();
        TaskCompletionSource left = new();
        await using ArenaHost host = await ArenaHost.StartAsync(
            async context =>
            {
                seen.Add(context.Arena.Live);
                if (context.Request.Path == "/wait")
                {
                    entered.SetResult();
                    await Task.Delay(Timeout.Infinite, context.RequestAborted);
                }
            },
            before: app => app.Use(async (context, next) =>
            {
                try
                {
                    await next(context);
                }
                finally
                {
                    if (context.Request.Path == "/wait")
                    {
                        left.SetResult();
                    }
                }
            }));

        using CancellationTokenSource client = new();
        Task<HttpResponseMessage> request = host.Client.GetAsync(new Uri("/wait", UriKind.Relative), client.Token);
        await entered.Task;
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await left.Task;
        await host.GetAsync();

        Assert.Same(seen[0], seen[1]);
    }

    [Fact]
    public async Task Requests_at_the_same_time_never_share_an_arena()
    {
        const int Count = 20;
        List<Arena> seen = [];
        CountdownEvent all = new(Count);
        TaskCompletionSource go = new();
        await using ArenaHost host = await ArenaHost.StartAsync(async context =>
        {
            lock (seen)
            {
                seen.Add(context.Arena.Live);
            }

            if (all.Signal())
            {
                go.SetResult();
            }

            await go.Task;
        });

        await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => host.GetAsync()));

        Assert.Equal(Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task After_the_request_the_arena_is_out_of_reach()
    {
        IRequestArenaFeature? feature = null;
        await using ArenaHost host = await ArenaHost.StartAsync(current =>
        {
            feature = current.Features.Get<IRequestArenaFeature>();
            return Touch(current);
        });

        await host.GetAsync();

        Assert.Throws<ObjectDisposedException>(() => feature!.Arena);
        Assert.Throws<ObjectDisposedException>(() => feature!.HeaderSpans.Count);
        Assert.Throws<ObjectDisposedException>(() => feature!.ReleaseArena());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_arena_released_within_the_request_goes_back_and_headers_stay_readable(bool readBefore)
    {
        List<string> seen = [];
        var clock = new ManualClock();
        Arena? first = null;
        Arena? second = null;
        await using ArenaHost host = await ArenaHost.StartAsync(context =>
        {
            RequestArena given = context.Arena;
            first = given.Live;
            Memory<byte> stale = given.AllocateMemory(8);
            if (readBefore)
            {
                seen.Add(Encoding.ASCII.GetString(context.HeaderSpans["host"u8]));
            }

            Assert.True(context.ReleaseArena());
            Assert.True(context.ReleaseArena());
            clock.Advance(ReleasedArenas.Delay - TimeSpan.FromTicks(1));
            given.Allocate<byte>(1); // a call that came late could still be about another request's arena
            clock.Advance(TimeSpan.FromTicks(1));
            stale.Span.Clear();
            Assert.Equal(1, context.RequestServices.GetRequiredService<ProcessArena>().Statistics.StaleUses);
            Assert.Throws<ObjectDisposedException>(() => given.Allocate<byte>(1));
            seen.Add(Encoding.ASCII.GetString(context.HeaderSpans["host"u8]));
            context.Arena.Allocate<byte>(8).Fill(1);
            second = context.Arena.Live;
            return Task.CompletedTask;
        }, time: clock);

        await host.GetAsync();

        Assert.All(seen, host => Assert.Equal("localhost", host));
        Assert.Same(first, second); // it came out of the pool again
    }

    [Fact]
    public void Without_the_middleware_the_properties_say_what_to_call()
    {
        DefaultHttpContext context = new();

        Assert.Contains("app.UseOneShotArena()", Assert.Throws<InvalidOperationException>(() => context.Arena).Message, StringComparison.Ordinal);
        Assert.Contains("app.UseOneShotArena()", Assert.Throws<InvalidOperationException>(() => context.HeaderSpans.Count).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_arena_that_is_already_there_is_used()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        FixedFeature fixedFeature = new(arena);
        Arena? seen = null;
        IRequestArenaFeature? after = null;
        await using ArenaHost host = await ArenaHost.StartAsync(
            context =>
            {
                seen = context.Arena.Live;
                return Task.CompletedTask;
            },
            before: app => app.Use(async (context, next) =>
            {
                context.Features.Set<IRequestArenaFeature>(fixedFeature);
                await next(context);
                after = context.Features.Get<IRequestArenaFeature>();
            }));

        await host.GetAsync();

        Assert.Same(arena, seen);
        Assert.Same(fixedFeature, after);
        Assert.Equal(0, host.Process.Used);
    }

    [Fact]
    public async Task Under_PerRequest_the_memory_of_a_request_comes_back_cleared()
    {
        await using ArenaHost host = await ArenaHost.StartAsync(
            context =>
            {
                Span<byte> memory = context.Arena.Allocate<byte>(100 << 10);
                Assert.False(memory.ContainsAnyExcept((byte)0));
                memory.Fill(0xAA);
                return Task.CompletedTask;
            },
            options => options.Reclamation = ArenaReclamation.PerRequest);

        for (int i = 0; i < 20; i++)
        {
            (await host.GetAsync()).EnsureSuccessStatusCode();
        }

        Assert.Equal(0, host.Process.FallbackBlocks);
    }

    [Fact]
    public async Task Header_spans_are_filled_from_the_servers_headers()
    {
        await using ArenaHost host = await ArenaHost.StartAsync(context =>
            context.Response.WriteAsync($"{Encoding.UTF8.GetString(context.HeaderSpans["X-PROBE"u8])}|{context.HeaderSpans["absent"u8].Length}"));
        host.Client.DefaultRequestHeaders.Add("x-probe", "42");

        string body = await (await host.GetAsync()).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal("42|0", body);
    }

    [Fact]
    public async Task Header_spans_of_one_request_do_not_show_in_the_next()
    {
        List<string> seen = [];
        await using ArenaHost host = await ArenaHost.StartAsync(context =>
        {
            seen.Add(Encoding.UTF8.GetString(context.HeaderSpans["x-probe"u8]));
            return Task.CompletedTask;
        });

        host.Client.DefaultRequestHeaders.Add("x-probe", "first");
        await host.GetAsync();
        host.Client.DefaultRequestHeaders.Clear();
        await host.GetAsync();

        Assert.Equal(["first", ""], seen);
    }

    private static Task Touch(HttpContext context)
    {
        context.Arena.Allocate<byte>(64);
        return Task.CompletedTask;
    }

    private sealed class FixedFeature(Arena arena) : IRequestArenaFeature
    {
        public RequestArena Arena => new(arena);

        public AspNetCore.Headers.HeaderSpans HeaderSpans => default;

        public bool ReleaseArena() => false;
    }
}
