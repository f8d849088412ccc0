using System.Runtime.InteropServices;

namespace OneShot.Tests.Memory;

/// <summary>Whether a byte can be read, found out by access(2), which answers EFAULT where reading it here would end the process.</summary>
internal static unsafe partial class Accessibility
{
    private const int BadAddress = 14;

    public static bool Available => !OperatingSystem.IsWindows();

    public static bool IsReadable(void* address) => Access(address, 0) == 0 || Marshal.GetLastPInvokeError() != BadAddress;

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true)]
    private static partial int Access(void* path, int mode);
}
