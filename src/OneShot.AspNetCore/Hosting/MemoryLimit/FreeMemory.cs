using System.Globalization;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Hosting.MemoryLimit;

/// <summary>What this process may yet take at once: of its container, up to where a restart of it would be planned, and of the machine.</summary>
internal static class FreeMemory
{
    /// <summary>The smaller of the two. Never throws; any thread may ask.</summary>
    /// <param name="share">Of the container's memory limit that may be used: from 0 to 1.</param>
    /// <param name="root">What to take for the root of the file system.</param>
    public static MemoryRoom Read(double share, string root = "/")
    {
        long container = ContainerMemory.Room(share, root);
        long machine = MachineMemory.Room(root);
        return container < machine
            ? new(container, string.Create(CultureInfo.InvariantCulture, $"below {100 * share:0.#} % of the container's memory limit (OneShot:Restart:MemoryLimit:WarnAt)"))
            : new(machine, "in the machine, of whose memory a twentieth is left to others");
    }
}
