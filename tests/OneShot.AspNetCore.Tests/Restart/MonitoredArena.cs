using OneShot.AspNetCore.Restart;
using OneShot.AspNetCore.Succession;

namespace OneShot.AspNetCore.Tests.Restart;

/// <summary>A process arena of 1,000 KiB with its monitor, on a time and in a host of the test's own.</summary>
internal sealed class MonitoredArena : IDisposable
{
    private const long Capacity = 1000 << 10;

    private readonly RecordingLog _log = new();
    private readonly LoggerFactory _loggers;
    private readonly TimeSpan _minLife;

    public MonitoredArena(
        RestartOptions? options = null, ArenaReclamation reclamation = ArenaReclamation.Never, double draw = 0, bool start = true, TimeSpan minLife = default,
        ArenaExhaustion exhaustion = ArenaExhaustion.Fallback, IRestartGate? gate = null,
        Func<TimeProvider, ILogger, HandOver>? handOver = null)
    {
        options ??= new RestartOptions();
        _minLife = options.MinLife = minLife; // a test that is not about it does not wait for it
        Process = new ProcessArena(new() { Capacity = Capacity, BlockSize = 1024, Reclamation = reclamation, Exhaustion = exhaustion });
        _loggers = new LoggerFactory([_log]);
        ILogger<RestartMonitor> logger = _loggers.CreateLogger<RestartMonitor>();
        Monitor = new RestartMonitor(
            [new ArenaSource(Process, Clock)], options, draw, Clock, new SelfDrain(Clock, logger, Host, handOver?.Invoke(Clock, logger)), logger, new DrainPermit(gate, draw, Clock, logger));
        if (start)
        {
            Monitor.Start();
            Sample();
        }
    }

    public ManualClock Clock { get; } = new();

    public RecordingHost Host { get; } = new();

    public ProcessArena Process { get; }

    public RestartMonitor Monitor { get; }

    public IEnumerable<LogEntry> Log => _log.Entries;

    public IEnumerable<string> Events => _log.Entries.Select(entry => $"{entry.Level} {entry.Event.Name}");

    /// <summary>Fills the arena up to thousandths of it.</summary>
    public void FillTo(int thousandths)
    {
        int more = (thousandths << 10) - (int)Process.Used;
        Process.Allocate(more);
    }

    /// <summary>A request that holds this many thousandths until it ends.</summary>
    public Arena Request(int thousandths)
    {
        Arena request = Process.CreateArena();
        for (int i = 0; i < thousandths; i++)
        {
            request.Allocate<byte>(1024);
        }

        return request;
    }

    /// <summary>Reloads the thresholds; the least life stays.</summary>
    public void Apply(RestartOptions options)
    {
        options.MinLife = _minLife;
        Monitor.Apply(options);
    }

    /// <summary>Lets what is due now run.</summary>
    public void Sample() => Clock.Advance(TimeSpan.Zero);

    public void Advance(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    public void Dispose()
    {
        Monitor.Dispose();
        Process.Dispose();
        Host.Dispose();
        _loggers.Dispose();
    }
}
