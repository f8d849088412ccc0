using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using HeaderServer.Stats;
using OneShot;
using OneShot.AspNetCore.Restart;

namespace HeaderServer.Page;

/// <summary>A reading at once and then every second, for as long as somebody listens and the server is not stopping.</summary>
internal sealed class LiveReadings(
    ServerStats stats, ProcessArena arena, HeapBudget heap, RestartMonitor restart, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private readonly string _process = $"{Environment.MachineName}/{Environment.ProcessId}";
    private readonly Guid _instance = Guid.NewGuid();

    public async IAsyncEnumerable<SseItem<string>> StreamAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        // A stream that went on would hold up the server's graceful stop, until its time is over.
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(aborted, lifetime.ApplicationStopping);
        using PeriodicTimer timer = new(s_interval);
        do
        {
            // The client comes back as soon, to this process's successor.
            yield return new SseItem<string>(Json()) { ReconnectionInterval = s_interval };
        }
        while (await NextAsync(timer, ending.Token));
    }

    private static async ValueTask<bool> NextAsync(PeriodicTimer timer, CancellationToken ending)
    {
        try
        {
            return await timer.WaitForNextTickAsync(ending);
        }
        catch (OperationCanceledException)
        {
            return false; // the end of the stream, not its failure
        }
    }

    private string Json()
    {
        LiveReading reading = new(
            _process, _instance, stats.Uptime.TotalSeconds, restart.WarnAt, restart.DrainAt, restart.LiveAt, stats.Read(arena, heap, restart));
        return JsonSerializer.Serialize(reading, LiveReadingJson.Default.LiveReading);
    }
}
