using System.Globalization;
using OneShot.LoadTest.Drill.Traffic;

namespace OneShot.LoadTest.Drill;

/// <summary>The load of a drill of one service, for as long as its process is replaced.</summary>
/// <param name="options">How much, and for how long at most.</param>
/// <param name="wanted">How often it is to be replaced.</param>
/// <param name="name">What a replacement is called, for more than one.</param>
internal sealed class ServiceLoad(ServiceDrillOptions options, int wanted, string name)
{
    // The client looks every second which of its connections have idled for so long: long before a process ends none is left to be sent into its closing.
    private static readonly TimeSpan s_idleTimeout = TimeSpan.FromSeconds(1);

    /// <summary>How often the service has been replaced.</summary>
    public required Func<int> Count { get; init; }

    /// <summary>Why it will not be any more; null while it may.</summary>
    public Func<string?> Ended { get; init; } = static () => null;

    /// <summary>If one fails, the drill does.</summary>
    public Task[] Faults { get; init; } = [];

    /// <summary>How long the load runs on behind the last replacement.</summary>
    public TimeSpan Settling { get; init; }

    /// <param name="address">Of the service, whichever process has it.</param>
    /// <param name="cancellationToken">Ends the load, and throws.</param>
    public async Task<CountedLoad> RunAsync(Uri address, CancellationToken cancellationToken)
    {
        RequestTally tally = new();
        string? unfinished = null;
        long begun = TimeProvider.System.GetTimestamp();
        using CancellationTokenSource loading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task load = new SteadyLoad(address, options.RequestsPerSecond, options.Clients, tally, s_idleTimeout).RunAsync(loading.Token);
        if (!await RestartDrill.UntilAsync(() => Count() >= wanted || (unfinished = Ended()) is not null, options.Limit, Faults, cancellationToken))
        {
            unfinished = string.Create(CultureInfo.InvariantCulture, $"only {Count()} of {wanted} {name} within {options.Limit.TotalSeconds:0} s");
        }

        await Task.Delay(Settling, cancellationToken);
        await loading.CancelAsync();
        await load;
        return new CountedLoad(TimeProvider.System.GetElapsedTime(begun), tally.Succeeded, tally.Failures(), tally.Latencies(), unfinished);
    }
}
