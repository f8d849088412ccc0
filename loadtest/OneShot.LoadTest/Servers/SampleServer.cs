using OneShot.LoadTest.Processes;

namespace OneShot.LoadTest.Servers;

/// <summary>The sample as a process of its own, listening. Disposing it ends it.</summary>
internal sealed class SampleServer : IAsyncDisposable
{
    private const string Listening = "Listening on ";
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_stopGrace = TimeSpan.FromSeconds(5);

    private readonly ChildProcess _process;
    private readonly HttpClient _client;

    private SampleServer(ChildProcess process, Uri address, string name)
    {
        _process = process;
        Address = address;
        Name = name;
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(10) };
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
                ? new SampleServer(process, await listening.Task, settings.Front.ToString())
                : throw new LoadTestException($"The server ({settings.Front}) ended at its start with exit code {await process.Exited}: {process.LastOutput}");
        }
        catch (Exception exception)
        {
            await process.DisposeAsync();
            throw exception is TimeoutException
                ? new LoadTestException($"The server ({settings.Front}) did not listen within {s_startTimeout.TotalSeconds:0} s: {process.LastOutput}")
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
            throw new LoadTestException(_process.Exited.IsCompleted ? Death() : $"The server ({Name}) does not answer at {Address}stats: {exception.Message}");
        }
    }

    /// <summary>Does <paramref name="work"/>, which ends with an exception as soon as the server does.</summary>
    /// <exception cref="LoadTestException">The server died meanwhile.</exception>
    public async Task<T> WhileAliveAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<T> working = work(either.Token);
        if (await Task.WhenAny(working, _process.Exited) == working)
        {
            return await working;
        }

        await either.CancelAsync();
        await ((Task)working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        throw new LoadTestException(Death());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.StopAsync(s_stopGrace);
        await _process.DisposeAsync();
    }

    private string Death() => $"The server ({Name}) died with exit code {_process.Exited.Result} in the middle of the test: {_process.LastOutput}";
}
