using System.Runtime.InteropServices;

namespace OneShot.AspNetCore.Succession;

internal static partial class Libc
{
    /// <summary>A second number for the same open file, which, unlike the first, stays open in a program that is executed: dup(2).</summary>
    /// <returns>-1 where there is none to be had; errno is kept.</returns>
    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Duplicate(int descriptor);

    /// <summary>Makes <paramref name="second"/> another number for what <paramref name="first"/> is, at once and whatever it was before: dup2(2).</summary>
    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Replace(int first, int second);
}
