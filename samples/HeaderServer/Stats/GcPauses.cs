using System.Diagnostics.Tracing;
using System.Globalization;

namespace HeaderServer.Stats;

/// <summary>
/// <c>OneShot:GcPauses</c>: keeps every pause of the GC, from the runtime's own events: from where it begins to stop the threads of the
/// application until they run again. The runtime hands its events over a moment later, on a thread of its own.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class GcPauses : EventListener
{
    private const string Key = "OneShot:GcPauses";
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";

    // https://learn.microsoft.com/dotnet/fundamentals/diagnostics/runtime-garbage-collection-events
    private const EventKeywords Gc = (EventKeywords)1;
    private const int RestartEnd = 3;
    private const int SuspendBegin = 9;
    private const uint ForGc = 1;
    private const uint ForGcPreparation = 6;

    private readonly Lock _lock = new();
    private readonly List<GcPause> _pauses = [];
    private DateTime? _began;

    public static bool Read(IConfiguration configuration) => configuration[Key] switch
    {
        null => false,
        string text when bool.TryParse(text, out bool wanted) => wanted,
        string text => throw new InvalidSettingException($"{Key} is '{text}': write true or false."),
    };

    /// <summary>All since the start, in the order of time.</summary>
    public GcPause[] ToArray()
    {
        lock (_lock)
        {
            return [.. _pauses];
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Runtime)
        {
            EnableEvents(eventSource, EventLevel.Informational, Gc);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        switch (eventData.EventId)
        {
            case SuspendBegin:
                // The threads are also stopped for a debugger, or for a precise reading of a counter.
                bool forGc = Convert.ToUInt32(eventData.Payload![0], CultureInfo.InvariantCulture) is ForGc or ForGcPreparation;
                _began = forGc ? eventData.TimeStamp : null;
                break;
            case RestartEnd when _began is { } began:
                _began = null;
                lock (_lock)
                {
                    _pauses.Add(new GcPause(began, (eventData.TimeStamp - began).TotalMicroseconds));
                }

                break;
        }
    }
}

/// <param name="At">When it began, UTC.</param>
/// <param name="Microseconds">How long it took.</param>
internal readonly record struct GcPause(DateTime At, double Microseconds);
