using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OneShot.AspNetCore.Tests.Telemetry;

/// <summary>Listens to the meter of one container, and keeps what it hears.</summary>
internal sealed class MeterRecorder : IDisposable
{
    private readonly ConcurrentQueue<(string Name, double Value, string Tags)> _measurements = new();
    private readonly MeterListener _listener = new();

    public MeterRecorder(IServiceProvider services)
    {
        IMeterFactory factory = services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "OneShot.AspNetCore" && ReferenceEquals(instrument.Meter.Scope, factory))
            {
                Units[instrument.Name] = instrument.Unit;
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.Start();
    }

    public ConcurrentDictionary<string, string?> Units { get; } = new();

    /// <summary>What has been heard under the name, tags behind it; observable instruments are asked now.</summary>
    public double[] Values(string name, string tags = "")
    {
        _measurements.Clear();
        _listener.RecordObservableInstruments();
        return Recorded(name, tags);
    }

    /// <summary>What has been recorded since the last question.</summary>
    public double[] Recorded(string name, string tags = "") =>
        [.. _measurements.Where(measurement => measurement.Name == name && measurement.Tags == tags).Select(measurement => measurement.Value)];

    public void Dispose() => _listener.Dispose();

    private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measurements.Enqueue((instrument.Name, value, string.Join(",", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
}
