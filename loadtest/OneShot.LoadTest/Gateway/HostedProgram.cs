using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Gateway;

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

    /// <exception cref="LoadTestException">It ended instead, or said nothing for a minute.</exception>
    public static async Task<HostedProgram> StartAsync(string name, SampleLocation location, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ChildProcess process = ChildProcess.Start(location.File, [.. location.LeadingArguments, .. arguments], onLine: line =>
        {
            if (line.Contains(Started, StringComparison.Ordinal))
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
                ? new LoadTestException($"The server ({name}) did not start within {s_startTimeout.TotalSeconds:0} s: {process.LastOutput}")
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
