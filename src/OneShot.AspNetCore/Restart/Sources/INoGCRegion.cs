namespace OneShot.AspNetCore.Restart;

/// <summary>The no-GC region of the runtime, of which a process has one: in a test, one of the test's own.</summary>
internal interface INoGCRegion
{
    /// <summary>The process is in the region that was entered here: nothing has collected since.</summary>
    public bool IsEntered { get; }

    /// <summary>Bytes that the process has allocated on the GC's heap since it started.</summary>
    public long Allocated { get; }

    /// <summary>What the GC may take for its heap, in bytes.</summary>
    public long HeapLimit { get; }

    /// <summary>Enters the region.</summary>
    /// <param name="size">Bytes to be had without a collection, large objects and all.</param>
    /// <param name="large">Bytes of these for objects of 85,000 bytes and more.</param>
    /// <param name="mayCollect">Whether a full collection may make room for it, which stops the process for as long as that takes.</param>
    /// <returns>False when so much is not to be had, or another region of the process is under way.</returns>
    public bool TryEnter(long size, long large, bool mayCollect);

    /// <summary>Has <paramref name="notice"/> called, on a thread of the runtime, when so much of the region is used or something collects; once an entry.</summary>
    public void NoticeAt(long size, Action notice);

    /// <summary>Faults in the memory that was committed by entries since it was last called, so that no allocation pays for a first touch. Takes about a second for a GiB or two. By one thread at a time.</summary>
    /// <param name="isServing">Whether requests run meanwhile: it goes in small steps then.</param>
    /// <param name="isWanted">Asked between the steps; where it is not wanted any more, it ends. Null where it always is.</param>
    /// <returns>How much is there now.</returns>
    public PopulateOutcome Populate(bool isServing, Func<bool>? isWanted = null);

    /// <summary>For good: ends the region that was entered here, if it is not over already, and a population under way. Does not throw.</summary>
    public void Leave();
}

/// <summary>What became of memory that was to be faulted in.</summary>
/// <param name="Bytes">That are there.</param>
/// <param name="Obstacle">Why it is not all of them: the end of a sentence. Null when it is.</param>
internal readonly record struct PopulateOutcome(long Bytes, string? Obstacle);
