using OneShot.LoadTest.Drill;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Tail.Targets;

/// <summary>What the load of a turn goes to. Disposing it ends all of its processes.</summary>
internal interface ITailTarget : IAsyncDisposable
{
    public Uri Address { get; }

    /// <summary>Does <paramref name="work"/>, which ends with an exception as soon as there is nothing more that could answer.</summary>
    /// <exception cref="LoadTestException">That happened.</exception>
    public Task<T> WhileAliveAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>What it costs from here on is counted.</summary>
    public Task BeginAsync(CancellationToken cancellationToken);

    /// <summary>What it has cost since <see cref="BeginAsync"/>.</summary>
    /// <param name="started">When the first request was due, UTC.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LoadTestException">It does not tell.</exception>
    public Task<TargetFigures> EndAsync(DateTime started, CancellationToken cancellationToken);
}

/// <param name="CpuMicroseconds">User and system time of the servers.</param>
/// <param name="Gc">Collections that their runtimes have counted.</param>
/// <param name="Pauses">Of their GCs; also those of before, since the servers were started.</param>
/// <param name="Marks">What became of heap budgets; also before.</param>
/// <param name="Replicas">Null for a single process.</param>
internal sealed record TargetFigures(double CpuMicroseconds, GcStats Gc, IReadOnlyList<GcPause> Pauses, IReadOnlyList<BudgetMark> Marks, ReplicaTurn? Replicas = null)
{
    /// <summary>The runtime hands over its events a moment after they were: within 100 ms here.</summary>
    public static readonly TimeSpan EventDelay = TimeSpan.FromSeconds(1);
}

/// <summary>What replicas and their balancer went through in a turn.</summary>
/// <param name="Restarts">By when they were, from when the first request was due.</param>
/// <param name="NoneReady">How long no replica was in rotation: the balancer sent to draining ones then.</param>
/// <param name="Retries">Requests that the balancer had to send once more. A planned restart needs none.</param>
/// <param name="LostLives">Processes that ended without telling what they have cost: the turn's figures lack theirs.</param>
internal sealed record ReplicaTurn(IReadOnlyList<Restart> Restarts, TimeSpan NoneReady, long Retries, int LostLives);
