using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Tail.Targets;

/// <summary>One server, without a balancer, that goes on when it is due for a restart. It is asked for its figures before and after the load, and for nothing meanwhile.</summary>
internal sealed class SingleProcess : ITailTarget
{
    private readonly SampleServer _server;
    private readonly BudgetLog _budget;
    private ServerStats? _before;

    private SingleProcess(SampleServer server, BudgetLog budget)
    {
        _server = server;
        _budget = budget;
    }

    public Uri Address => _server.Address;

    /// <exception cref="LoadTestException">It did not start.</exception>
    public static async Task<SingleProcess> StartAsync(SampleLocation location, SampleSettings settings, CancellationToken cancellationToken)
    {
        BudgetLog budget = new();
        return new SingleProcess(await SampleServer.StartAsync(location, settings, cancellationToken, budget.OnLine), budget);
    }

    public Task<T> WhileAliveAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) => _server.WhileAliveAsync(work, cancellationToken);

    public async Task BeginAsync(CancellationToken cancellationToken) => _before = await _server.ReadStatsAsync(cancellationToken);

    public async Task<TargetFigures> EndAsync(DateTime started, CancellationToken cancellationToken)
    {
        ServerStats after = await _server.ReadStatsAsync(cancellationToken);
        await Task.Delay(TargetFigures.EventDelay, cancellationToken);
        return new TargetFigures(
            after.CpuMicroseconds - _before!.CpuMicroseconds, after.Gc - _before.Gc, await _server.ReadGcPausesAsync(cancellationToken), _budget.Since(started));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
