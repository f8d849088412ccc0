namespace OneShot.Transport;

/// <summary>How the transport serves. Read once, when it binds its first end point.</summary>
public sealed class OneShotTransportOptions
{
    /// <summary>
    /// Event loops, each a thread of its own. 0, the default, takes one for two processors that the process may use
    /// (<see cref="Environment.ProcessorCount"/>, which knows a container's limit), at least one.
    /// </summary>
    public int Loops { get; set; }

    /// <summary>Connections that the kernel keeps until they are accepted. 512 by default. listen(2)</summary>
    public int Backlog { get; set; } = 512;

    /// <summary>Whether small writes are sent at once on TCP, not gathered by the kernel. On by default. TCP_NODELAY, tcp(7)</summary>
    public bool NoDelay { get; set; } = true;

    /// <summary>
    /// Bytes of a connection that the kernel has not taken, beyond which a flush waits until half of them have gone. 64 KiB by default;
    /// null for no limit.
    /// </summary>
    public long? MaxWriteBufferSize { get; set; } = 64 * 1024;

    /// <summary>
    /// How long a handler may keep a loop's thread before another thread takes the loop over. 1 ms by default. It is looked at once in
    /// this time, so that a take-over comes after once to twice of it. Bytes that are flushed while a handler has more to say may leave as
    /// late: they are sent when it comes to its end, or waits for something, or then.
    /// </summary>
    public TimeSpan HandOverAfter { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Most threads beyond one a loop, for loops whose thread is held up and for handlers that block. 64 by default; they are started
    /// when they are needed. While all of them are held up, requests run on the thread pool, as on Kestrel's own transport.
    /// </summary>
    public int MaxSpareThreads { get; set; } = 64;

    /// <summary>
    /// What requests must take of a processor, on average, for a loop that has more of them than it can serve to let the thread pool have
    /// some. 16 µs by default: a hop costs a few. Null for never. Without effect where there are as many loops as processors.
    /// </summary>
    public TimeSpan? ShareAfter { get; set; } = TimeSpan.FromMicroseconds(16);

    internal int EffectiveLoops => Loops > 0 ? Loops : Math.Max(1, Environment.ProcessorCount / 2);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Loops);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Loops, 1024);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Backlog);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxSpareThreads);
        ArgumentOutOfRangeException.ThrowIfLessThan(HandOverAfter, TimeSpan.FromMicroseconds(100));
        if (ShareAfter is { } share)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(share, TimeSpan.FromMicroseconds(1));
        }

        if (MaxWriteBufferSize is { } most)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(most);
        }
    }
}
