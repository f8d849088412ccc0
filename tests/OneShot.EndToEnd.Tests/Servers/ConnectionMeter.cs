using System.Diagnostics.Metrics;

namespace OneShot.EndToEnd.Tests.Servers;

/// <summary>Kestrel's own metrics of one server: the transport counts, whoever speaks HTTP on it.</summary>
internal sealed class ConnectionMeter : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _active;
    private long _opened;

    internal ConnectionMeter(IServiceProvider services)
    {
        IMeterFactory factory = services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "kestrel.active_connections" && instrument.Meter.Scope == factory)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, change, _, _) =>
        {
            Interlocked.Add(ref _active, change);
            if (change > 0)
            {
                Interlocked.Add(ref _opened, change);
            }
        });
        _listener.Start();
    }

    /// <summary>Connections open now.</summary>
    internal long Active => Interlocked.Read(ref _active);

    /// <summary>Connections opened so far.</summary>
    internal long Opened => Interlocked.Read(ref _opened);

    public void Dispose() => _listener.Dispose();
}
