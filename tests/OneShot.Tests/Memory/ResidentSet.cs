using System.Runtime.InteropServices;
using OneShot.Memory;

namespace OneShot.Tests.Memory;

/// <summary>How much of a range is in physical memory, by mincore(2).</summary>
internal static unsafe partial class ResidentSet
{
    public static long Bytes(nint start, nint length)
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        long pages = length / (nint)PageSize.Bytes;
        byte[] state = new byte[pages];
        fixed (byte* first = state)
        {
            Assert.Equal(0, Query(start, (nuint)length, first));
        }

        return state.Count(page => (page & 1) != 0) * (long)PageSize.Bytes;
    }

    [LibraryImport("libc", EntryPoint = "mincore")]
    private static partial int Query(nint address, nuint length, byte* state);
}
