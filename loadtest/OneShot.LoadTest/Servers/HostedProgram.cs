using OneShot.LoadTest.Processes;

namespace OneShot.LoadTest.Servers;

/// <summary>A program on .NET's host, as a process of its own that has said that it is started. Disposing it ends it.</summary>
internal sealed class HostedProgram : IAsyncDisposable
{
    /// <summary>What the host logs when all of its addresses listen.</summary>
    private const string Started = "Application started.";
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_stopGrace = TimeSpan.FromSeconds(5);

    private readonly ChildProcess _process;
    private readonly string _name;

    private HostedProgram(ChildProcess process, string name)
    {
        _process = process;
        _name = name;
    }

    public int ProcessId => _process.Id;

    /// <summary>Why it ended; null while it lives.</summary>
    public string? Death => _process.Exited.IsCompleted ? _process.DeathOf(_name) : null;

    /// <summary>Starts it and waits until it has said that it listens.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="location">Where it is.</param>
    /// <param name="arguments">What it is started with.</param>
    /// <param name="cancellationToken">Ends the wait, and the program.</param>
    /// <param name="environment">On top of this process's own.</param>
    /// <param name="isStarted">Called with every line of its output, on a thread of its own: whether this one says so. Null for the host's own.</param>
    /// <exception cref="LoadTestException">It ended instead, or said nothing for a minute.</exception>
    public static async Task<HostedProgram> StartAsync(
        string name,
        SampleLocation location,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? environment = null,
        Func<string, bool>? isStarted = null)
    {
        isStarted ??= static line => line.Contains(Started, StringComparison.Ordinal);
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ChildProcess process = ChildProcess.Start(location.File, [.. location.LeadingArguments, .. arguments], environment, line =>
        {
            if (isStarted(line))
            {
                started.TrySetResult();
            }
        });
        try
        {
            Task first = await Task.WhenAny(started.Task, process.Exited).WaitAsync(s_startTimeout, cancellationToken);
            return first == started.Task
                ? new HostedProgram(process, name)
                : throw new LoadTestException($"The server ({name}) ended at its start with exit code {await process.Exited}: {process.LastOutput}");
        }
        catch (Exception exception)
        {
            await process.DisposeAsync();
            throw exception is TimeoutException
                ? new LoadTestException($"The server ({name}) did not listen within {s_startTimeout.TotalSeconds:0} s: {process.LastOutput}")
                : exception;
        }
    }

    /// <summary>Does <paramref name="work"/>, which ends with an exception as soon as the program does.</summary>
    /// <exception cref="LoadTestException">The program ended meanwhile.</exception>
    public Task<T> WhileAliveAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) => _process.WhileAliveAsync(_name, work, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _process.StopAsync(s_stopGrace);
        await _process.DisposeAsync();
    }
}
