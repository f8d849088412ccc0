using System.Net;
using HeaderServer.Kubernetes;

namespace OneShot.AspNetCore.Tests.Sample;

/// <summary>The sample's gate: replicas of a cluster restart one at a time.</summary>
public sealed class LeaseGateTests : IDisposable
{
    private const string Name = "restart";

    private readonly ManualClock _clock = new();
    private readonly LeaseApi _cluster = new();
    private readonly RecordingLog _log = new();
    private readonly LoggerFactory _loggers;

    public LeaseGateTests() => _loggers = new LoggerFactory([_log]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _cluster.Dispose();
        _loggers.Dispose();
    }

    [Fact]
    public async Task One_goes_and_the_next_when_it_is_back()
    {
        LeaseGate one = Pod("one");
        LeaseGate two = Pod("two");
        Assert.True(await one.TryEnterAsync(Cancel));
        Assert.Equal("one", _cluster.HolderOf(Name));
        Assert.False(await two.TryEnterAsync(Cancel));
        Assert.True(await one.TryEnterAsync(Cancel)); // asked again by whoever has it

        await Pod("one").StartedAsync(Cancel); // the process after it
        Assert.Equal("", _cluster.HolderOf(Name));
        Assert.True(await two.TryEnterAsync(Cancel));
        Assert.Equal("two", _cluster.HolderOf(Name));
    }

    [Fact]
    public async Task A_pod_that_starts_gives_back_nothing_of_another()
    {
        Assert.True(await Pod("one").TryEnterAsync(Cancel));
        await Pod("two").StartedAsync(Cancel);
        await Pod("two").LeaveAsync(Cancel);
        Assert.Equal("one", _cluster.HolderOf(Name));
    }

    [Fact]
    public async Task A_pod_that_never_comes_back_loses_it_after_its_time()
    {
        Assert.True(await Pod("gone").TryEnterAsync(Cancel));
        LeaseGate next = Pod("next");
        Assert.False(await next.TryEnterAsync(Cancel));
        _clock.Advance(LeaseGate.Duration - TimeSpan.FromSeconds(1));
        Assert.False(await next.TryEnterAsync(Cancel));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await next.TryEnterAsync(Cancel));
    }

    // The time of the Lease counts from when this process has seen it, whatever its own clock says of when it was taken.
    [Fact]
    public async Task One_that_is_taken_anew_meanwhile_has_all_of_its_time()
    {
        LeaseGate one = Pod("one");
        LeaseGate two = Pod("two");
        Assert.True(await one.TryEnterAsync(Cancel));
        Assert.False(await two.TryEnterAsync(Cancel));
        _clock.Advance(LeaseGate.Duration / 2);
        Assert.True(await one.TryEnterAsync(Cancel));
        Assert.False(await two.TryEnterAsync(Cancel));
        _clock.Advance(LeaseGate.Duration * 0.75);
        Assert.False(await two.TryEnterAsync(Cancel));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_that_want_it_at_the_same_moment_one_gets_it(bool isThere)
    {
        if (isThere)
        {
            Assert.True(await Pod("before").TryEnterAsync(Cancel));
            await Pod("before").LeaveAsync(Cancel);
        }

        bool second = false;
        _cluster.AfterRead = () => second = Pod("two").TryEnterAsync(Cancel).AsTask().GetAwaiter().GetResult();
        Assert.False(await Pod("one").TryEnterAsync(Cancel));
        Assert.True(second);
        Assert.Equal("two", _cluster.HolderOf(Name));
    }

    [Fact]
    public async Task A_cluster_that_refuses_is_an_error_of_the_gate_and_keeps_no_process_from_starting()
    {
        _cluster.Fault = HttpStatusCode.Forbidden;
        await Assert.ThrowsAsync<HttpRequestException>(() => Pod("one").TryEnterAsync(Cancel).AsTask());
        await Pod("one").StartedAsync(Cancel);
        Assert.Single(_log.Warnings);
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_keeps_no_process_from_starting()
    {
        _cluster.Throws = new TaskCanceledException("The request was canceled due to the configured HttpClient.Timeout.");
        await Pod("one").StartedAsync(Cancel);
        Assert.Single(_log.Warnings);
    }

    private LeaseGate Pod(string name) => new(_cluster.Connect(), LeaseApi.Path, Name, name, _clock, _loggers.CreateLogger<LeaseGate>());
}
