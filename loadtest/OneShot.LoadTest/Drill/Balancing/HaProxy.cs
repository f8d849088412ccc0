using System.Globalization;
using OneShot.LoadTest.Processes;

namespace OneShot.LoadTest.Drill.Balancing;

/// <summary>HAProxy in front of the replicas, as a child process with the operator's own configuration.</summary>
internal sealed class HaProxy : IAsyncDisposable
{
    private const string Template = "haproxy.cfg";
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(50);

    private readonly ChildProcess _process;
    private readonly DirectoryInfo _folder;
    private readonly HttpClient _figures;

    private HaProxy(ChildProcess process, DirectoryInfo folder, int port, int figuresPort)
    {
        _process = process;
        _folder = folder;
        Address = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri;
        _figures = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", figuresPort).Uri, Timeout = TimeSpan.FromSeconds(30) };
    }

    public Uri Address { get; }

    /// <param name="path">The program; null looks for it.</param>
    /// <exception cref="LoadTestException">There is none.</exception>
    public static string Find(string? path) => path is not null
        ? Executables.Require(path)
        : Executables.Find("haproxy") ?? throw new LoadTestException("HAProxy is not installed: 'apt-get install haproxy', or give --haproxy PATH.");

    /// <exception cref="LoadTestException">It ended instead of answering.</exception>
    public static async Task<HaProxy> StartAsync(string file, IReadOnlyList<int> replicaPorts, int port, int figuresPort, TimeSpan checkInterval, CancellationToken cancellationToken)
    {
        string template = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, Template), cancellationToken);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("oneshot-drill-");
        string configuration = Path.Combine(folder.FullName, Template);
        await File.WriteAllTextAsync(configuration, HaProxyConfiguration.For(template, replicaPorts), cancellationToken);
        ChildProcess process = ChildProcess.Start(file, ["-db", "-f", configuration], new Dictionary<string, string>
        {
            ["HTTP_BIND"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"),
            ["FIGURES_BIND"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{figuresPort}"),
            ["CHECK_INTERVAL"] = string.Create(CultureInfo.InvariantCulture, $"{checkInterval.TotalMilliseconds:0}ms"),
        });
        HaProxy balancer = new(process, folder, port, figuresPort);
        try
        {
            await balancer.WaitUntilItAnswersAsync(cancellationToken);
            return balancer;
        }
        catch
        {
            await balancer.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="LoadTestException">HAProxy has ended, or answers something else.</exception>
    public async Task<IReadOnlyList<BalancedServer>> ReadServersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return BalancedServer.Parse(await _figures.GetStringAsync(new Uri("/stats;csv", UriKind.Relative), cancellationToken));
        }
        catch (HttpRequestException exception)
        {
            throw new LoadTestException($"HAProxy does not answer ({exception.Message}): {_process.LastOutput}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LoadTestException($"HAProxy does not answer within {_figures.Timeout.TotalSeconds:0} s: {_process.LastOutput}");
        }
    }

    /// <summary>Tells the timeline which replicas are in rotation, until it is cancelled.</summary>
    public async Task WatchAsync(Timeline timeline, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(s_pollInterval);
        try
        {
            do
            {
                IReadOnlyList<BalancedServer> servers = await ReadServersAsync(cancellationToken);
                for (int i = 0; i < servers.Count; i++)
                {
                    timeline.RotationIs(i, servers[i].Up);
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The drill is over.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _figures.Dispose();
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task WaitUntilItAnswersAsync(CancellationToken cancellationToken)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await ReadServersAsync(cancellationToken);
                return;
            }
            catch (LoadTestException exception)
            {
                if (_process.Exited.IsCompleted || TimeProvider.System.GetElapsedTime(started) > s_startTimeout)
                {
                    throw _process.Exited.IsCompleted
                        ? new LoadTestException($"HAProxy ended with exit code {await _process.Exited}: {_process.LastOutput}")
                        : exception;
                }
            }

            await Task.Delay(s_pollInterval, cancellationToken);
        }
    }
}
