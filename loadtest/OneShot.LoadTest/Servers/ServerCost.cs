namespace OneShot.LoadTest.Servers;

/// <summary>What one run has cost the server, by two readings of its own counters or the system's.</summary>
/// <param name="CpuMicroseconds">User and system time a request, of all its processes.</param>
/// <param name="Memory">Null for a server that has neither a GC heap nor an arena.</param>
internal sealed record ServerCost(double CpuMicroseconds, MemoryCost? Memory)
{
    public static ServerCost Between(ServerStats start, ServerStats end)
    {
        double requests = Math.Max(1, end.Requests - start.Requests);
        return new ServerCost(
            (end.CpuMicroseconds - start.CpuMicroseconds) / requests,
            new MemoryCost(
                (end.ManagedBytesAllocated - start.ManagedBytesAllocated) / requests,
                (end.ProcessArena.Used - start.ProcessArena.Used) / requests,
                end.Gc - start.Gc,
                end.ProcessArena.Used >= end.ProcessArena.Capacity * 0.999));
    }
}

/// <param name="ManagedBytes">Allocated on the GC heap a request.</param>
/// <param name="ArenaBytes">Taken from the process arena a request; with a reclaiming arena next to nothing.</param>
/// <param name="Gc">Collections during the run.</param>
/// <param name="ArenaFull">The arena has reached its end, so that requests spilled to the GC heap: the figures are not of this design.</param>
internal sealed record MemoryCost(double ManagedBytes, double ArenaBytes, GcStats Gc, bool ArenaFull);
