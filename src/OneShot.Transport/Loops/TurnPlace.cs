namespace OneShot.Transport.Loops;

/// <summary>Where the turn of a connection runs.</summary>
internal enum TurnPlace
{
    /// <summary>On the loop's thread, at once.</summary>
    Loop,

    /// <summary>On a spare thread of the transport, or on the thread pool: its handlers keep a thread, or nobody may be kept waiting by what runs.</summary>
    Elsewhere,

    /// <summary>On the thread pool, so that it and what is behind it run at the same time; on a spare thread where the pool is held up.</summary>
    Shared,
}
