using System.Runtime.InteropServices;

namespace OneShot.Tests.Memory;

/// <summary>mlock(2), by which a page stays in physical memory, and cannot be given back by older kernels; mlockall(2), for all there are.</summary>
internal static unsafe partial class LockedMemory
{
    private const int CurrentAndFuture = 3; // MCL_CURRENT | MCL_FUTURE

    /// <summary>False where the system does not let this process lock as much.</summary>
    public static bool TryLock(void* start, nuint length) => Lock(start, length) == 0;

    /// <summary>All that the process has, and will have. False where the system does not let it.</summary>
    public static bool TryLockAll() => LockAll(CurrentAndFuture) == 0;

    [LibraryImport("libc", EntryPoint = "munlockall")]
    public static partial int UnlockAll();

    [LibraryImport("libc", EntryPoint = "mlockall")]
    private static partial int LockAll(int flags);

    [LibraryImport("libc", EntryPoint = "mlock")]
    private static partial int Lock(void* start, nuint length);
}
