using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>What code can do that a request has left behind: nothing to the requests that run, whatever it has kept and whenever it comes.</summary>
public sealed class AfterTheRequestTests
{
    private const string Post = "POST /?a=b HTTP/1.1\r\nHost: h\r\nX-Mine: m\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: s\r\n\r\n";

    [Fact]
    public async Task Everything_that_was_kept_refuses_between_two_requests()
    {
        Kept? kept = null;
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            kept = Kept.From(context);
        });
        await using InMemoryConnection client = server.Connect();

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await client.RoundTripAsync(Post)).Status);
            await Eventually.HoldsAsync(() => kept!.CountRefusals() == Kept.Members);
        }
    }

    [Fact]
    public async Task A_late_release_takes_nothing_from_the_request_that_runs()
    {
        IRequestArenaFeature? kept = null;
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clock = new ManualClock();
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                kept ??= context.Features.Get<IRequestArenaFeature>();
                if (context.Request.Path == "/waits")
                {
                    RequestArena arena = context.Arena;
                    UnsafeSlice<byte> mine = arena.AllocateUnsafe<byte>(1000);
                    mine.Span.Fill(7);
                    entered.SetResult();
                    await goOn.Task;
                    Assert.False(mine.Span.ContainsAnyExcept((byte)7));
                    arena.Allocate<byte>(10).Fill(1); // still its own
                    Assert.Equal("a", Encoding.ASCII.GetString(context.HeaderSpans["host"u8]));
                    Assert.Equal("a", context.Request.Headers.Host);
                }
                else
                {
                    context.Arena.Allocate<byte>(16_000).Fill(9);
                }
            },
            services: services => services.AddSingleton<TimeProvider>(clock),
            endpoint: listen => listen.Use(next => connection =>
            {
                connection.Features.Set<IConnectionHeartbeatFeature>(clock);
                return next(connection);
            }));
        await using InMemoryConnection client = server.Connect();
        await using InMemoryConnection other = server.Connect();
        await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await Eventually.HoldsAsync(() => Record.Exception(() => kept!.ReleaseArena()) is ObjectDisposedException);

        await client.SendAsync("GET /waits HTTP/1.1\r\nHost: a\r\n\r\n");
        await entered.Task.WaitAsync(Limits.Patience);
        for (int i = 0; i < 20; i++)
        {
            Assert.True(kept!.ReleaseArena());
            _ = kept.Arena.Allocated; // another one, each time
            Assert.Equal(200, (await other.RoundTripAsync("GET / HTTP/1.1\r\nHost: b\r\n\r\n")).Status);
        }

        goOn.SetResult();
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        await AssertPoolIsWholeAsync(server);
    }

    /// <summary>
    /// Two connections serve requests, each of which marks its memory and looks again; stragglers that have kept everything call it
    /// all, all the time. At the end every arena is in the pool, once.
    /// </summary>
    [Theory]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.Generational)]
    public async Task However_late_calls_fall_no_two_requests_share_an_arena(ArenaReclamation reclamation)
    {
        int shared = 0;
        int next = 0;
        IRequestArenaFeature?[] kept = new IRequestArenaFeature?[4];
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                int id = Interlocked.Increment(ref next);
                kept[id % kept.Length] = context.Features.Get<IRequestArenaFeature>();
                RequestArena arena = context.Arena;
                UnsafeSlice<int> mine = arena.AllocateUnsafe<int>(200);
                mine.Span.Fill(id);
                await Task.Yield();
                if (mine.Span.ContainsAnyExcept(id))
                {
                    Interlocked.Increment(ref shared);
                }
            },
            options => (options.Reclamation, options.Capacity) = (reclamation, 512 << 20));
        using var over = new CancellationTokenSource();
        Task[] stragglers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!over.IsCancellationRequested)
            {
                for (int i = 0; i < kept.Length; i++)
                {
                    try
                    {
                        kept[i]?.ReleaseArena();
                        GC.KeepAlive(kept[i]?.Arena.Allocated);
                    }
                    catch (ObjectDisposedException)
                    {
                    }
                }

                Thread.Yield();
            }
        }))];
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            await using InMemoryConnection client = server.Connect();
            for (int i = 0; i < 1000; i++)
            {
                Assert.Equal(200, (await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
            }
        })));
        await over.CancelAsync();
        await Task.WhenAll(stragglers);

        Assert.Equal(0, shared);
        await AssertPoolIsWholeAsync(server);
    }

    [Fact]
    public async Task Trailers_that_were_read_under_a_mark_stay_and_take_no_arena()
    {
        const int Lines = 90;
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            RequestArena arena = context.Arena;
            long before;
            using (arena.Mark())
            {
                before = arena.Allocated;
                await context.Request.Body.CopyToAsync(Stream.Null);
                Assert.Equal(before, arena.Allocated);
                Assert.Equal(Lines, context.Features.Get<IHttpRequestTrailersFeature>()!.Trailers.Count);
            }

            arena.Allocate<byte>(8000).Fill((byte)'!');
            IHeaderDictionary trailers = context.Features.Get<IHttpRequestTrailersFeature>()!.Trailers;
            Assert.Equal(Lines, trailers.Count);
            for (int i = 0; i < Lines; i++)
            {
                Assert.Equal($"v{i}", trailers[$"X-{i}"]);
            }
        });
        await using InMemoryConnection client = server.Connect();
        string trailers = string.Concat(Enumerable.Range(0, Lines).Select(i => $"X-{i}: v{i}\r\n"));
        byte[] request = Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n{trailers}\r\n");
        for (int piece = 1; piece < 3000; piece *= 7)
        {
            for (int sent = 0; sent < request.Length; sent += piece)
            {
                await client.SendAsync(request.AsMemory(sent, Math.Min(piece, request.Length - sent)));
            }

            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }
    }

    private static async Task AssertPoolIsWholeAsync(FrontServer server)
    {
        ProcessArena process = server.Services.GetRequiredService<ProcessArena>();
        RequestArenaPool pool = server.Services.GetRequiredService<RequestArenaPool>();
        await Eventually.HoldsAsync(() =>
        {
            ArenaLease[] leases = [.. Enumerable.Range(0, process.Statistics.Arenas).Select(_ => pool.Rent())];
            bool isWhole = leases.Select(lease => lease.Arena).Distinct().Count() == leases.Length
                && process.Statistics.Arenas == leases.Length
                && leases.All(lease => lease.Arena!.Allocated == 0);
            Array.ForEach(leases, lease => pool.Return(lease));
            return isWhole;
        });
    }

    /// <summary>All that a request can be asked by whoever has kept its parts.</summary>
    private sealed class Kept
    {
        public const int Members = 14;

        private HttpContext _context = null!;
        private IRequestArenaFeature _feature = null!;
        private RequestArena _arena;
        private IHeaderDictionary _headers = null!;
        private IHeaderDictionary _trailers = null!;
        private IHttpRequestTrailersFeature _trailersFeature = null!;
        private PipeReader _reader = null!;
        private Stream _body = null!;

        public static Kept From(HttpContext context) => new()
        {
            _context = context,
            _feature = context.Features.Get<IRequestArenaFeature>()!,
            _arena = context.Arena,
            _headers = context.Request.Headers,
            _trailersFeature = context.Features.Get<IHttpRequestTrailersFeature>()!,
            _trailers = context.Features.Get<IHttpRequestTrailersFeature>()!.Trailers,
            _reader = context.Request.BodyReader,
            _body = context.Request.Body,
        };

        public int CountRefusals() => Enumerable.Range(0, Members).Count(member =>
            Record.Exception(() => Ask(member)) is InvalidOperationException or { InnerException: InvalidOperationException });

        private object? Ask(int member) => member switch
        {
            0 => _feature.Arena,
            1 => _feature.HeaderSpans.Count,
            2 => _arena.Allocate<byte>(8).Length,
            3 => _headers.Host,
            4 => _headers.Count,
            5 => _headers.ContainsKey("X-Mine"),
            6 => _headers.Count(field => field.Value.Count > 0),
            7 => _headers["X-New"] = "1",
            8 => _trailers["X-Sum"],
            9 => _trailersFeature.Trailers,
            10 => _reader.TryRead(out _),
            11 => _body.ReadAsync(new byte[1]).AsTask().GetAwaiter().GetResult(),
            12 => _context.Request.Cookies,
            _ => _context.Request.Query,
        };
    }
}
