using OneShot.LoadTest.Tail.Load;

namespace OneShot.LoadTest.Tests.Tail.Load;

public class OpenLoopLoadTests
{
    private const int Rate = 500;
    private const int Connections = 4;
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stall_is_the_latency_of_every_request_that_was_due_in_it()
    {
        TimeSpan stall = TimeSpan.FromMilliseconds(400);
        Task over = Task.CompletedTask;
        await using FakeHttpServer server = new(async number =>
        {
            if (number == 100)
            {
                over = Task.Delay(stall, Cancel);
            }

            await over;
            return FakeHttpServer.Ok;
        });

        OpenLoopOutcome outcome = await Load(server).RunAsync(s_duration, Cancel);

        Assert.Empty(outcome.Failures);
        Assert.Equal(Rate, outcome.Requests);
        Assert.Equal(Rate, outcome.Latencies.Count);
        Assert.True(outcome.Latencies.Longest >= stall * 0.99, $"{outcome.Latencies.Longest}");
        // 100 are due in the first half of the stall, and wait for the second at least. Only four connections could send one meanwhile:
        // who counts from the sending sees four slow ones.
        Assert.True(outcome.Latencies.CountFrom(stall / 2) >= 95, $"{outcome.Latencies.CountFrom(stall / 2)} of them");
    }

    [Fact]
    public async Task Every_request_is_sent_once_and_counted()
    {
        int seen = 0;
        await using FakeHttpServer server = new(_ =>
        {
            Interlocked.Increment(ref seen);
            return Task.FromResult<string?>(FakeHttpServer.Ok);
        });

        OpenLoopOutcome outcome = await Load(server).RunAsync(s_duration, Cancel);

        Assert.Equal(Rate, seen);
        Assert.Equal(Rate, outcome.Latencies.Count);
        Assert.InRange(outcome.Latencies.LongestOfSecond.Count, 1, 1);
        Assert.Empty(outcome.Failures);
    }

    [Fact]
    public async Task Failed_requests_are_counted_by_kind_and_their_time_counts()
    {
        await using FakeHttpServer server = new(number => Task.FromResult((number % 4) switch
        {
            0 => "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
            1 => null,
            2 => "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
            _ => FakeHttpServer.Ok,
        }));

        OpenLoopOutcome outcome = await Load(server).RunAsync(s_duration, Cancel);

        Assert.Equal(Rate / 4, outcome.Failures["answered with 503"]);
        Assert.Equal(Rate / 4, outcome.Failures["connection closed"]);
        Assert.Equal(2, outcome.Failures.Count);
        Assert.Equal(Rate, outcome.Latencies.Count);
    }

    [Fact]
    public async Task A_connection_that_is_closed_while_it_idles_costs_no_request()
    {
        int seen;
        OpenLoopOutcome outcome;
        do
        {
            seen = 0;
            // Without the word: who has just been answered is closed a moment later.
            await using FakeHttpServer server = new(_ => Task.FromResult<string?>(FakeHttpServer.Ok)) { ClosesBehindAnswer = () => Interlocked.Increment(ref seen) % 3 == 0 };

            outcome = await Load(server, rate: 8).RunAsync(s_duration, Cancel);
        }
        while (outcome.Lateness > TimeSpan.FromMilliseconds(100)); // or the next request is there before the end of the one before, and none idles

        Assert.Empty(outcome.Failures);
        Assert.Equal(8, outcome.Latencies.Count);
        Assert.Equal(8, seen);
    }

    [Fact]
    public async Task What_is_never_answered_has_failed_with_the_time_it_took_so_far()
    {
        await using FakeHttpServer server = new(number => number == 0 ? new TaskCompletionSource<string?>().Task : Task.FromResult<string?>(FakeHttpServer.Ok));

        OpenLoopOutcome outcome = await Load(server, patience: TimeSpan.FromSeconds(5)).RunAsync(s_duration, Cancel);

        Assert.Equal(1, Assert.Single(outcome.Failures).Value);
        Assert.Equal("not answered", Assert.Single(outcome.Failures).Key);
        Assert.Equal(Rate, outcome.Latencies.Count);
        Assert.True(outcome.Latencies.Longest >= s_duration, $"{outcome.Latencies.Longest}");
    }

    [Fact]
    public async Task Without_a_server_it_says_so()
    {
        FakeHttpServer server = new(_ => Task.FromResult<string?>(null));
        OpenLoopLoad load = Load(server);
        await server.DisposeAsync();

        LoadTestException exception = await Assert.ThrowsAsync<LoadTestException>(() => load.RunAsync(s_duration, Cancel));

        Assert.Contains("accepts no 4 connections", exception.Message, StringComparison.Ordinal);
    }

    private static OpenLoopLoad Load(FakeHttpServer server, TimeSpan? patience = null, int rate = Rate) =>
        new(server.Address, "GET / HTTP/1.1\r\nHost: fake\r\n\r\n"u8.ToArray(), rate, Connections) { Patience = patience ?? TimeSpan.FromSeconds(60) };
}
