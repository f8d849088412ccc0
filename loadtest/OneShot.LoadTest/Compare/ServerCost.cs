using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Compare;

/// <summary>What one round has cost the server, by two readings of its own counters.</summary>
/// <param name="CpuMicroseconds">User and system time a request, of the whole process.</param>
/// <param name="ManagedBytes">Allocated on the GC heap a request.</param>
/// <param name="ArenaBytes">Taken from the process arena a request; with a reclaiming arena next to nothing.</param>
/// <param name="Gc">Collections during the round.</param>
/// <param name="ArenaFull">The arena has reached its end, so that requests spilled to the GC heap: the figures are not of this design.</param>
internal sealed record ServerCost(double CpuMicroseconds, double ManagedBytes, double ArenaBytes, GcStats Gc, bool ArenaFull)
{
    public static ServerCost Between(ServerStats start, ServerStats end)
    {
        double requests = Math.Max(1, end.Requests - start.Requests);
        return new ServerCost(
            (end.CpuMicroseconds - start.CpuMicroseconds) / requests,
            (end.ManagedBytesAllocated - start.ManagedBytesAllocated) / requests,
            (end.ProcessArena.Used - start.ProcessArena.Used) / requests,
            end.Gc - start.Gc,
            end.ProcessArena.Used >= end.ProcessArena.Capacity * 0.999);
    }
}
