using System.Globalization;
using System.Text;
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
    /// <param name="timeline">Is told.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="interval">How often it is looked; null for 50 ms.</param>
    public async Task WatchAsync(Timeline timeline, CancellationToken cancellationToken, TimeSpan? interval = null)
    {
        using PeriodicTimer timer = new(interval ?? s_pollInterval);
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

/// <summary>The operator's configuration file with other servers in each of its backends; all else stays as it is.</summary>
internal static class HaProxyConfiguration
{
    private const string ServerLine = "    server ";

    /// <param name="template">The text of <c>deploy/haproxy/haproxy.cfg</c>.</param>
    /// <param name="ports">A replica each, on loopback.</param>
    /// <exception cref="LoadTestException">The text has no server lines.</exception>
    public static string For(string template, IReadOnlyList<int> ports)
    {
        string[] lines = template.ReplaceLineEndings("\n").Split('\n');
        if (!lines.Any(IsServer))
        {
            throw new LoadTestException("haproxy.cfg has no 'server' lines to put the replicas in place of.");
        }

        StringBuilder text = new();
        bool inServers = false;
        foreach (string line in lines)
        {
            bool isServer = IsServer(line);
            if (isServer && !inServers)
            {
                AppendServers(text, ports);
            }
            else if (!isServer)
            {
                text.Append(line).Append('\n');
            }

            inServers = isServer;
        }

        return text.ToString();
    }

    public static string Name(int replica) => string.Create(CultureInfo.InvariantCulture, $"replica{replica + 1}");

    private static void AppendServers(StringBuilder text, IReadOnlyList<int> ports)
    {
        for (int replica = 0; replica < ports.Count; replica++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{ServerLine}{Name(replica)} 127.0.0.1:{ports[replica]}\n");
        }
    }

    private static bool IsServer(string line) => line.StartsWith(ServerLine, StringComparison.Ordinal);
}

/// <summary>What HAProxy says of one server in its statistics.</summary>
/// <param name="Up">It gets requests.</param>
/// <param name="Retries">Requests sent to it once more.</param>
/// <param name="Redispatches">Requests sent to another server instead.</param>
/// <param name="LastResort">Requests it got while no replica was ready.</param>
internal sealed record BalancedServer(string Name, bool Up, long Retries, long Redispatches, long LastResort)
{
    private const string Backend = "replicas";
    private const string LastResortBackend = "last-resort";
    private const string Sum = "BACKEND";

    /// <summary>Reads the servers from <c>/stats;csv</c>.</summary>
    /// <exception cref="LoadTestException">The text is not that.</exception>
    public static IReadOnlyList<BalancedServer> Parse(string csv)
    {
        string[] lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines is not [{ } head, ..] || !head.StartsWith("# ", StringComparison.Ordinal))
        {
            throw new LoadTestException("HAProxy's statistics are not the expected CSV.");
        }

        string[] names = head[2..].Split(',');
        int Column(string name) => Array.IndexOf(names, name) is >= 0 and int index
            ? index
            : throw new LoadTestException($"HAProxy's statistics have no column '{name}'.");

        int proxy = Column("pxname");
        int server = Column("svname");
        int status = Column("status");
        int retries = Column("wretr");
        int redispatches = Column("wredis");
        int total = Column("stot");
        string[][] rows = [.. lines.Skip(1).Select(line => line.Split(',')).Where(fields => fields[server] != Sum)];
        Dictionary<string, long> lastResort = rows.Where(fields => fields[proxy] == LastResortBackend).ToDictionary(fields => fields[server], fields => Number(fields[total]));
        return
        [
            .. rows.Where(fields => fields[proxy] == Backend).Select(fields => new BalancedServer(
                fields[server],
                // "UP 1/2" is on its way down, and still gets requests.
                fields[status].StartsWith("UP", StringComparison.Ordinal),
                Number(fields[retries]),
                Number(fields[redispatches]),
                lastResort.GetValueOrDefault(fields[server]))),
        ];
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;
}
