using OneShot.AspNetCore.Http1;
using OneShot.AspNetCore.Requests;

namespace OneShot.Stress.Tests.Servers;

/// <summary>The state between requests: nothing is held by anybody.</summary>
internal static class BaseLine
{
    /// <summary>What keeps the server from it, or null.</summary>
    /// <remarks>Every arena there is must lie in the pool, empty, with one block at most; no connection may count as upgraded.</remarks>
    public static string? WhatIsHeld(IServiceProvider services)
    {
        ProcessArena process = services.GetRequiredService<ProcessArena>();
        RequestArenaPool pool = services.GetRequiredService<RequestArenaPool>();
        long upgraded = services.GetRequiredService<Http1ServiceContext>().UpgradedConnections;
        int count = process.Statistics.Arenas;
        ArenaLease[] leases = [.. Enumerable.Range(0, count).Select(_ => pool.Rent())];
        int made = process.Statistics.Arenas - count; // in place of those that somebody has kept
        int used = leases.Count(lease => lease.Arena!.Allocated > 0);
        bool blocksAreLeft = !process.Debug && process.Used > (long)count * process.BlockSize;
        string state = $"{made} of {count} arenas are not in the pool, {used} in it are in use, {process.Used} bytes are used, {upgraded} connections are upgraded.";
        for (int index = 0; index < leases.Length; index++)
        {
            if (index < made)
            {
                leases[index].Arena!.Dispose(); // or each look would leave the pool with more arenas, each of which takes a block
            }
            else
            {
                pool.Return(leases[index]);
            }
        }

        return made != 0 || used != 0 || blocksAreLeft || upgraded != 0 || leases.Select(lease => lease.Arena).Distinct().Count() != count ? state : null;
    }
}
