using System.Net;
using System.Net.Sockets;
using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Drill.Supervision;

/// <summary>A started process, as its supervisor sees it.</summary>
internal interface IContainer : IAsyncDisposable
{
    /// <summary>Completes with the exit code.</summary>
    public Task<int> Exited { get; }

    /// <summary>Whether <c>GET path</c> is answered with 200 to 399 within the time.</summary>
    public Task<bool> ProbeAsync(string path, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>SIGTERM.</summary>
    public void Terminate();

    /// <summary>SIGKILL.</summary>
    public void Kill();
}

/// <summary>The sample as a container: a process and its address.</summary>
internal sealed class ReplicaContainer : IContainer
{
    private readonly ChildProcess _process;
    private readonly HttpClient _client;

    /// <param name="location">Where the sample is.</param>
    /// <param name="settings">What it is started with.</param>
    /// <param name="onLine">Called with every line of its output.</param>
    /// <param name="group">What it runs in; null for this process's own.</param>
    public ReplicaContainer(SampleLocation location, SampleSettings settings, Action<string>? onLine = null, MemoryCgroup? group = null)
    {
        string[] arguments = [.. location.LeadingArguments, .. settings.ToArguments()];
        (string file, arguments) = group?.Enter([location.File, .. arguments]) ?? (location.File, arguments);
        _process = ChildProcess.Start(file, arguments, settings.Environment, onLine);
        // A connection a probe, as kubelet does: one kept alive would say nothing about whether the server still accepts.
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.Zero, UseProxy = false })
        {
            BaseAddress = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", settings.Port).Uri,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public Task<int> Exited => _process.Exited;

    public string LastOutput => _process.LastOutput;

    public async Task<bool> ProbeAsync(string path, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        try
        {
            using HttpResponseMessage response = await _client.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return response.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.BadRequest;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A socket exception by itself: the connection was reset between being made and being used, where HttpClient does not wrap it.
            return false; // the last of them: its supervisor has put away a container that ended, between the question who it is and this
        }
    }

    public void Terminate() => _process.Terminate();

    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
    }
}
