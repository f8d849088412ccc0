using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Servers;

/// <summary>The sample as a process of its own, listening. Disposing it ends it.</summary>
internal sealed class SampleServer : IServer
{
    private const string Listening = "Listening on ";
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_stopGrace = TimeSpan.FromSeconds(5);

    private readonly ChildProcess _process;
    private readonly HttpClient _client;

    private SampleServer(ChildProcess process, Uri address, SampleSettings settings)
    {
        _process = process;
        Address = address;
        Name = settings.Name;
        _client = ServerClient.Create(settings.Certificate);
        _client.BaseAddress = address;
    }

    public string Name { get; }

    public Uri Address { get; }

    public int ProcessId => _process.Id;

    /// <summary>Starts it and waits until it has said where it listens.</summary>
    /// <exception cref="LoadTestException">It ended instead, or said nothing for a minute.</exception>
    public static async Task<SampleServer> StartAsync(SampleLocation location, SampleSettings settings, CancellationToken cancellationToken)
    {
        TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ChildProcess process = ChildProcess.Start(location.File, [.. location.LeadingArguments, .. settings.ToArguments()], onLine: line =>
        {
            if (line.StartsWith(Listening, StringComparison.Ordinal))
            {
                listening.TrySetResult(new Uri(line[Listening.Length..]));
            }
        });
        try
        {
            Task first = await Task.WhenAny(listening.Task, process.Exited).WaitAsync(s_startTimeout, cancellationToken);
            return first == listening.Task
                ? new SampleServer(process, await listening.Task, settings)
                : throw new LoadTestException($"The server ({settings.Name}) ended at its start with exit code {await process.Exited}: {process.LastOutput}");
        }
        catch (Exception exception)
        {
            await process.DisposeAsync();
            throw exception is TimeoutException
                ? new LoadTestException($"The server ({settings.Name}) did not listen within {s_startTimeout.TotalSeconds:0} s: {process.LastOutput}")
                : exception;
        }
    }

    /// <exception cref="LoadTestException">It does not answer, or is no HeaderServer.</exception>
    public async Task<ServerStats> ReadStatsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return ServerStats.Parse(await _client.GetStringAsync(new Uri("/stats", UriKind.Relative), cancellationToken));
        }
        catch (HttpRequestException exception)
        {
            throw new LoadTestException(_process.Exited.IsCompleted ? _process.DeathOf(Name) : $"The server ({Name}) does not answer at {Address}stats: {exception.Message}");
        }
    }

    public Task<T> WhileAliveAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        _process.WhileAliveAsync(Name, work, cancellationToken);

    public async Task<(LoadOutcome Load, ServerCost Cost)> MeasureAsync(Func<CancellationToken, Task<LoadOutcome>> load, CancellationToken cancellationToken)
    {
        ServerStats start = await ReadStatsAsync(cancellationToken);
        LoadOutcome outcome = await WhileAliveAsync(load, cancellationToken);
        return (outcome, ServerCost.Between(start, await ReadStatsAsync(cancellationToken)));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.StopAsync(s_stopGrace);
        await _process.DisposeAsync();
    }
}
