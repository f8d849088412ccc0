namespace OneShot.AspNetCore.Hosting;

/// <summary>What to do at start when the process may outgrow the memory limit of its container.</summary>
public enum MemoryCheck
{
    /// <summary>Log a warning with the numbers to set.</summary>
    Warn,

    /// <summary>Do not start, with the same message.</summary>
    Refuse,

    /// <summary>Do not look.</summary>
    Off,
}
