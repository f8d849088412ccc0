using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Drill.Traffic;

/// <summary>
/// Requests at a steady rate from a fixed number of clients, each outcome counted: a load tool would give totals after the end, and
/// give up or go on as it likes. Nine of ten are GETs whose answer must hold the headers of that very request; one is a POST, which
/// nobody between here and the server may send twice, and whose answer must be its body.
/// </summary>
/// <param name="address">Where to.</param>
/// <param name="requestsPerSecond">Over all clients.</param>
/// <param name="clients">One request at a time each.</param>
/// <param name="tally">Of the outcomes.</param>
/// <param name="idleTimeout">
/// How long a connection may idle and be used again. Null for HttpClient's own minute, where a proxy stands between that sends again
/// what met a closing connection. Without one it must be shorter than the server drains.
/// </param>
internal sealed class SteadyLoad(Uri address, double requestsPerSecond, int clients, RequestTally tally, TimeSpan? idleTimeout = null)
{
    private const int PostEvery = 10;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private long _next;

    /// <summary>Sends until it is cancelled, and waits for the answers to what it has sent by then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using SocketsHttpHandler handler = new() { AllowAutoRedirect = false, UseProxy = false, UseCookies = false };
        handler.PooledConnectionIdleTimeout = idleTimeout ?? handler.PooledConnectionIdleTimeout;
        using HttpClient client = new(handler) { BaseAddress = address, Timeout = s_timeout };
        TimeSpan interval = TimeSpan.FromSeconds(clients / requestsPerSecond);
        await Task.WhenAll(Enumerable.Range(0, clients).Select(index => RunClientAsync(client, interval, index * interval / clients, cancellationToken)));
    }

    private async Task RunClientAsync(HttpClient client, TimeSpan interval, TimeSpan offset, CancellationToken cancellationToken)
    {
        await DelayAsync(offset, cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            long sent = TimeProvider.System.GetTimestamp();
            await SendAsync(client, (ulong)Interlocked.Increment(ref _next));
            // Late ones are not made up for: a burst after a stall would be a load of another kind.
            await DelayAsync(interval - TimeProvider.System.GetElapsedTime(sent), cancellationToken);
        }
    }

    private async Task SendAsync(HttpClient client, ulong id)
    {
        bool post = id % PostEvery == 0;
        using HttpRequestMessage request = post ? Post(id) : Get(id);
        long sent = TimeProvider.System.GetTimestamp();
        try
        {
            // Not the load's token: what is under way is finished and counted.
            using HttpResponseMessage response = await client.SendAsync(request, CancellationToken.None);
            string body = await response.Content.ReadAsStringAsync(CancellationToken.None);
            string expected = post ? Body(id) : $"X-Request-Id: {Id(id)}\n";
            if (!response.IsSuccessStatusCode)
            {
                tally.Failure(string.Create(CultureInfo.InvariantCulture, $"{request.Method} answered with {(int)response.StatusCode}"));
            }
            // Names in any case: a balancer may write them in lower case, as HAProxy does.
            else if (post ? body != expected : !body.Contains(expected, StringComparison.OrdinalIgnoreCase))
            {
                tally.Failure($"{request.Method} answered with another request's bytes");
            }
            else
            {
                tally.Success(TimeProvider.System.GetElapsedTime(sent));
            }
        }
        catch (HttpRequestException exception)
        {
            tally.Failure($"{request.Method} failed: {exception.HttpRequestError}{(exception.GetBaseException() is SocketException socket ? $" ({socket.SocketErrorCode})" : "")}");
        }
        catch (TaskCanceledException)
        {
            tally.Failure($"{request.Method} not answered within {s_timeout.TotalSeconds:0} s");
        }
    }

    private static HttpRequestMessage Get(ulong id)
    {
        HttpRequestMessage request = new(HttpMethod.Get, new Uri("/headers", UriKind.Relative));
        foreach (HeaderField line in HeaderSets.Browser.Fields)
        {
            request.Headers.TryAddWithoutValidation(line.Name, line.At(id));
        }

        request.Headers.TryAddWithoutValidation("X-Request-Id", Id(id));
        return request;
    }

    private static HttpRequestMessage Post(ulong id) => new(HttpMethod.Post, new Uri("/echo", UriKind.Relative)) { Content = new StringContent(Body(id)) };

    private static string Body(ulong id) => string.Concat(Enumerable.Repeat(Id(id), 16));

    private static string Id(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);

    private static async Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

/// <summary>Counts what became of requests, the failed ones by their kind, the others by the time of their answer. Thread-safe.</summary>
internal sealed class RequestTally
{
    private readonly ConcurrentDictionary<string, int> _failures = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<TimeSpan> _answers = new();

    public long Succeeded => _answers.Count;

    public long Failed => _failures.Values.Sum(static count => (long)count);

    /// <param name="time">From the request to the last byte of its answer.</param>
    public void Success(TimeSpan time) => _answers.Enqueue(time);

    public Latencies Latencies() => Traffic.Latencies.Of(_answers);

    /// <param name="kind">What it was, without what differs from request to request.</param>
    public void Failure(string kind) => _failures.AddOrUpdate(kind, 1, static (_, count) => count + 1);

    public IReadOnlyDictionary<string, int> Failures() => new SortedDictionary<string, int>(_failures, StringComparer.Ordinal);
}

/// <summary>
/// Fills a replica's arena, its heap budget or its container up to a share, by requests past the balancer. Replicas of a real service are of different ages, as a
/// rolling update leaves them; started at once and loaded alike, they would fill in step.
/// </summary>
internal static class ReplicaFiller
{
    private const int AtOnce = 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <param name="replica">Its address.</param>
    /// <param name="share">Of a life, 0 to 1.</param>
    /// <param name="isLeaking">It is its container that fills.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="LoadTestException">It does not fill.</exception>
    public static async Task FillAsync(Uri replica, double share, bool isLeaking, CancellationToken cancellationToken)
    {
        using HttpClient client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = replica, Timeout = TimeSpan.FromSeconds(10) };
        long progress = TimeProvider.System.GetTimestamp();
        long before = -1;
        long? begun = null;
        while (TimeProvider.System.GetElapsedTime(progress) < s_patience)
        {
            ServerStats stats = ServerStats.Parse(await client.GetStringAsync(new Uri("/stats", UriKind.Relative), cancellationToken));
            (long used, long limit) = stats.Heap is { } heap ? (heap.Used, heap.Limit) : (stats.ProcessArena.Used, stats.ProcessArena.Capacity);
            if (isLeaking && stats.Memory?.FirstOrDefault(static source => source.Source == "container") is { } container)
            {
                // A process that has just started uses a good part already: its age is a share of what is left.
                begun ??= container.Used;
                (used, limit) = (container.Used - begun.Value, (long)(container.DrainAt * container.Limit) - begun.Value);
            }

            if (used >= share * limit)
            {
                return;
            }

            if (used > before)
            {
                (before, progress) = (used, TimeProvider.System.GetTimestamp());
            }

            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => client.GetStringAsync(new Uri("/headers", UriKind.Relative), cancellationToken)));
        }

        throw new LoadTestException($"The replica at {replica} does not fill: is its reclamation Never, or does it leak?");
    }
}
