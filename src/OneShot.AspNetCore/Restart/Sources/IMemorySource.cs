namespace OneShot.AspNetCore.Restart;

/// <summary>
/// Memory that fills on the way to a restart. A source says what it is called, how much it holds and how much of that is used;
/// slope, time to full and phase are made of that by <see cref="WatchedSource"/>, the same for all of them.
/// </summary>
/// <remarks>All members but <see cref="Watch"/>, <see cref="Sample"/> and <see cref="OnSampled"/> may be called by any thread at any time.</remarks>
internal interface IMemorySource
{
    /// <summary>One word, for names of data and the tag of metrics: <c>arena</c>, <c>heap</c>, <c>container</c>, <c>gc</c>.</summary>
    public string Key { get; }

    /// <summary>As a sentence of the log has it, without an article: "process arena".</summary>
    public string Name { get; }

    /// <summary>Bytes that make it full. It may change, in <see cref="Sample"/> alone.</summary>
    public long Limit { get; }

    /// <summary>Bytes in use, from 0 to <see cref="Limit"/>.</summary>
    public long Used { get; }

    /// <summary>
    /// Whether what requests hold is free after them. A fill is then how many requests run at once, which no restart makes fewer:
    /// only one that stays is worth a restart.
    /// </summary>
    public bool ComesBack { get; }

    /// <summary>
    /// Whether the process goes on serving when it is full. Then a process that was filled too soon may wait, full, until it has
    /// lived for <see cref="RestartOptions.MinLife"/>; where the process would end instead, it takes its steps however young it is.
    /// </summary>
    public bool GoesOnWhenFull { get; }

    /// <summary>
    /// Whether a fill stays. Not where it rises and falls with collections: below the warning it tells no life then, and a self-drain, which is not
    /// undone, begins when it has lasted.
    /// </summary>
    public bool IsSteady { get; }

    /// <summary>Allocations since the start that found no room in it, and were refused or served by other memory.</summary>
    public long Shortages { get; }

    /// <summary>What an operator changes when the process fills it too soon: the end of a sentence that begins with "Remedies:".</summary>
    public string Remedies { get; }

    /// <summary>
    /// For the request path: whether at least so much is used, without allocating or waiting. False where that is not to be had
    /// for a few nanoseconds; then a sample tells.
    /// </summary>
    public bool IsAtLeast(long bytes);

    /// <summary>At which shares it takes its steps.</summary>
    public RestartThresholds ThresholdsOf(RestartOptions options);

    /// <summary>Called once, before there are samples.</summary>
    /// <param name="sampleSoon">What the source may call, on any thread, when its fill should be looked at before the next sample.</param>
    public void Watch(Action sampleSoon);

    /// <summary>Takes a reading, which may take its time: by one thread at a time.</summary>
    /// <param name="ladder">Its thresholds.</param>
    /// <param name="held">The phase it has brought the process to until now.</param>
    /// <returns><see cref="Used"/>.</returns>
    public long Sample(RestartLadder ladder, RestartPhase held);

    /// <summary>Called after each sample, by one thread at a time.</summary>
    /// <param name="phase">To which this source has brought the process: no further than a young one goes (<see cref="RestartOptions.MinLife"/>).</param>
    /// <param name="process">To which any of them has.</param>
    public void OnSampled(RestartPhase phase, RestartPhase process);
}
