using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using OneShot.AspNetCore.Restart;

namespace HeaderServer.Kubernetes;

/// <summary>
/// Replicas restart one at a time: whoever wants to drain takes a Lease of the cluster (coordination.k8s.io/v1) and holds it until the process that
/// comes after it in the same pod has started, which gives it back. Where it never comes, the Lease expires.
/// </summary>
/// <remarks>
/// Two that want it at once: the API server takes one update of a resource version, and refuses the other with 409. Clocks of pods are not compared:
/// a Lease has expired when this process has seen it unchanged for as long as it lasts. Thread-safe.
/// </remarks>
internal sealed partial class LeaseGate(HttpClient cluster, string path, string name, string holder, TimeProvider time, ILogger<LeaseGate> logger)
    : IRestartGate, IHostedLifecycleService, IDisposable
{
    // A restart takes 10 to 31 s, and a node that is gone is a matter of minutes.
    internal static readonly TimeSpan Duration = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _one = new(1); // the monitor's question, and the start's giving back
    private string? _seenVersion;
    private long _seenAt;

    private Uri Lease => new($"{path}/{name}", UriKind.Relative);

    public async ValueTask<bool> TryEnterAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return await TakeAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask LeaveAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            await GiveBackAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The pod is back: its place is for the next. A cluster that does not answer must not keep the process from serving.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LeaveAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotGivenBack(logger, exception, name);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _one.Dispose();

    private async Task<bool> TakeAsync(CancellationToken cancellationToken)
    {
        JsonNode? there = await ReadAsync(cancellationToken);
        if (there is not null && HolderOf(there) is { Length: > 0 } other && other != holder && !HasExpired(there))
        {
            return false;
        }

        JsonNode lease = there ?? New();
        JsonObject spec = SpecOf(lease);
        string now = Now(); // a node each: one node has one parent
        spec["holderIdentity"] = holder;
        spec["leaseDurationSeconds"] = (int)Duration.TotalSeconds;
        spec["acquireTime"] = now;
        spec["renewTime"] = now;
        return there is null
            ? await SendAsync(HttpMethod.Post, new Uri(path, UriKind.Relative), lease, cancellationToken)
            : await SendAsync(HttpMethod.Put, Lease, lease, cancellationToken);
    }

    private async Task GiveBackAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken) is { } lease && HolderOf(lease) == holder)
        {
            SpecOf(lease)["holderIdentity"] = "";
            await SendAsync(HttpMethod.Put, Lease, lease, cancellationToken);
        }
    }

    private bool HasExpired(JsonNode lease)
    {
        string? version = lease["metadata"]?["resourceVersion"]?.GetValue<string>();
        if (version != _seenVersion)
        {
            _seenVersion = version;
            _seenAt = time.GetTimestamp();
        }

        int seconds = SpecOf(lease)["leaseDurationSeconds"]?.GetValue<int>() ?? (int)Duration.TotalSeconds;
        return time.GetElapsedTime(_seenAt) >= TimeSpan.FromSeconds(seconds);
    }

    private async Task<JsonNode?> ReadAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await cluster.GetAsync(Lease, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <returns>False where somebody else was faster.</returns>
    private async Task<bool> SendAsync(HttpMethod method, Uri uri, JsonNode lease, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, uri)
        {
            Content = new StringContent(lease.ToJsonString(), new MediaTypeHeaderValue("application/json")),
        };
        using HttpResponseMessage response = await cluster.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Conflict)
        {
            return false;
        }

        response.EnsureSuccessStatusCode();
        return true;
    }

    private JsonObject New() => new()
    {
        ["apiVersion"] = "coordination.k8s.io/v1",
        ["kind"] = "Lease",
        ["metadata"] = new JsonObject { ["name"] = name },
    };

    private static string? HolderOf(JsonNode lease) => SpecOf(lease)["holderIdentity"]?.GetValue<string>();

    private static JsonObject SpecOf(JsonNode lease)
    {
        if (lease["spec"] is not JsonObject spec)
        {
            lease["spec"] = spec = [];
        }

        return spec;
    }

    [LoggerMessage(1, LogLevel.Warning, "The restart lease {Name} could not be given back; it expires.", EventName = "LeaseNotGivenBack")]
    private static partial void LogNotGivenBack(ILogger logger, Exception exception, string name);

    /// <summary>MicroTime: RFC 3339 with six digits.</summary>
    private string Now() => time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
