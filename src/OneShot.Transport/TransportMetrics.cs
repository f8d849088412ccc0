using System.Diagnostics.Metrics;
using OneShot.Transport.Loops;

namespace OneShot.Transport;

/// <summary>
/// The meter <c>OneShot.Transport</c>. What happens with every request is counted only while somebody listens; thread-safe.
/// </summary>
internal sealed class TransportMetrics
{
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _received;
    private readonly Counter<long> _sent;
    private readonly Histogram<double> _callOuts;

    public TransportMetrics(IMeterFactory meters)
    {
        Meter = meters.Create(OneShotTransportMeter.Name);
        _connections = Meter.CreateUpDownCounter<long>("oneshot.transport.connections", "{connection}", "Connections that are open.");
        _received = Meter.CreateCounter<long>("oneshot.transport.received", "By", "Bytes received.");
        _sent = Meter.CreateCounter<long>("oneshot.transport.sent", "By", "Bytes sent.");
        _callOuts = Meter.CreateHistogram<double>(
            "oneshot.transport.call_out.duration", "s", "How long an event loop was in a connection's code: parsing, the application, its answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.000_005, 0.000_01, 0.000_02, 0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.1, 1] });
    }

    public Meter Meter { get; }

    /// <summary>Whether call-outs are to be timed.</summary>
    public bool TimesCallOuts => _callOuts.Enabled;

    public void Watch(EventLoop[] loops, LoopThreads threads)
    {
        Meter.CreateObservableCounter(
            "oneshot.transport.loop.handovers", () => loops.Sum(loop => loop.Takes), "{handover}", "Loops taken over from a thread that a handler held up.");
        Meter.CreateObservableCounter(
            "oneshot.transport.loop.shared_turns", () => loops.Sum(loop => loop.Shared), "{turn}", "Turns of connections that the thread pool has run for a loop without rest.");
        Meter.CreateObservableUpDownCounter(
            "oneshot.transport.spare_threads", () => (long)threads.Spares, "{thread}", "Threads beyond one a loop: held up by a handler, or parked.");
    }

    public void Opened() => Tell(_connections, 1);

    public void Closed() => Tell(_connections, -1);

    public void Received(long bytes) => Tell(_received, bytes);

    public void Sent(long bytes) => Tell(_sent, bytes);

    public void CalledOut(TimeSpan duration) => Tell(_callOuts, duration.TotalSeconds);

    /// <remarks>
    /// Who listens is the application's. What it throws must not come between bytes that the kernel has taken and the note of that: they
    /// would be sent again.
    /// </remarks>
    private static void Tell<T>(Instrument<T> instrument, T value)
        where T : struct
    {
        if (!instrument.Enabled)
        {
            return;
        }

        try
        {
            switch (instrument)
            {
                case Counter<T> counter:
                    counter.Add(value);
                    break;
                case UpDownCounter<T> counter:
                    counter.Add(value);
                    break;
                case Histogram<T> histogram:
                    histogram.Record(value);
                    break;
            }
        }
        catch (Exception)
        {
            // Its own affair.
        }
    }
}
