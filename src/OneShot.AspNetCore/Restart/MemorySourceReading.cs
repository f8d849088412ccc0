namespace OneShot.AspNetCore.Restart;

/// <summary>A source of memory that fills on the way to a restart, as it was at one moment. Immutable.</summary>
public sealed class MemorySourceReading
{
    internal MemorySourceReading(in SourceReading reading)
    {
        Source = reading.Source.Key;
        Limit = reading.Limit;
        Used = reading.Used;
        DrainAt = reading.Ladder.DrainAt;
        TimeToFull = reading.TimeToFull;
    }

    /// <summary><c>arena</c>, <c>heap</c> (the heap budget), <c>container</c> or <c>gc</c>: as the tag of the metrics.</summary>
    public string Source { get; }

    /// <summary>Bytes that make it full.</summary>
    public long Limit { get; }

    /// <summary>Bytes in use, from 0 to <see cref="Limit"/>; of the container and of the GC's heap as of the last sample.</summary>
    public long Used { get; }

    /// <summary>The share of <see cref="Limit"/>, 0 to 1, from which this process drains.</summary>
    public double DrainAt { get; }

    /// <summary>When it will be full at its present pace; null while it is not filling.</summary>
    public TimeSpan? TimeToFull { get; }
}
