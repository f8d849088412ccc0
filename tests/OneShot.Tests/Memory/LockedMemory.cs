using System.Runtime.InteropServices;

namespace OneShot.Tests.Memory;

/// <summary>mlock(2), by which a page stays in physical memory, and cannot be given back by older kernels.</summary>
internal static unsafe partial class LockedMemory
{
    /// <summary>False where the system does not let this process lock as much.</summary>
    public static bool TryLock(void* start, nuint length) => Lock(start, length) == 0;

    [LibraryImport("libc", EntryPoint = "mlock")]
    private static partial int Lock(void* start, nuint length);
}
