namespace OneShot.AspNetCore.Restart;

/// <summary>Where a heap budget is in its life.</summary>
public enum HeapBudgetState
{
    /// <summary>There is none: <see cref="HeapOptions.Budget"/> is 0.</summary>
    Off = 0,

    /// <summary>The host has not started yet: not ready.</summary>
    Pending = 1,

    /// <summary>Nothing is collected. Where something has collected all the same, the next sample begins the budget anew, or one soon after.</summary>
    Active = 2,

    /// <summary>The runtime did not grant it: the heap has no room for it, or the application has a no-GC region of its own. The process collects as ever.</summary>
    Refused = 3,

    /// <summary>It was used up before the restart came, or not granted again after something had collected: the process collects as ever.</summary>
    Spent = 4,

    /// <summary>The host has stopped.</summary>
    Ended = 5,

    /// <summary>Nothing is collected, and the memory of the region is being faulted in (<see cref="HeapOptions.PopulateAtStart"/>): not ready yet.</summary>
    Populating = 6,

    /// <summary>Something has collected while the process drained: it collects as ever until its restart, which is on its way.</summary>
    Left = 7,
}
