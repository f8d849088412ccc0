namespace OneShot;

/// <summary>What happens to the memory of an arena when its request ends.</summary>
public enum ArenaReclamation
{
    /// <summary>
    /// Nothing is freed and no byte serves two requests. A span that outlives its request reads old bytes, never
    /// somebody else's. The process arena fills up; the process is restarted before it is full.
    /// </summary>
    Never,

    /// <summary>
    /// Blocks are cleared at <see cref="Arena.Reset"/> and serve later requests. The process arena does not fill up
    /// under steady load; a span that outlives its request may read another request's bytes.
    /// </summary>
    PerRequest,

    /// <summary>
    /// Memory is handed out once, as under <see cref="Never"/>, in generations: when one is full the next takes over, and
    /// the old one is given back to the operating system as a whole once no arena holds a block of it. A span that
    /// outlives its request reads old bytes, or faults: never somebody else's. Nothing needs a restart.
    /// </summary>
    Generational,
}
