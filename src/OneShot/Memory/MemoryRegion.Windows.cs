using System.Runtime.InteropServices;

namespace OneShot.Memory;

internal sealed unsafe partial class MemoryRegion
{
    /// <summary>VirtualAlloc and VirtualFree. Each answers false (or null) and leaves the last error.</summary>
    private static partial class Windows
    {
        private const uint MemCommit = 0x1000;
        private const uint MemReserve = 0x2000;
        private const uint MemDecommit = 0x4000;
        private const uint MemRelease = 0x8000;
        private const uint PageNoAccess = 0x01;
        private const uint PageReadOnly = 0x02;
        private const uint PageReadWrite = 0x04;

        public static byte* Reserve(nuint size) => (byte*)VirtualAlloc(null, size, MemReserve, PageNoAccess);

        public static bool Commit(byte* start, nuint length) => VirtualAlloc(start, length, MemCommit, PageReadWrite) is not null;

        public static bool Decommit(byte* start, nuint length) => VirtualFree(start, length, MemDecommit) != 0;

        public static bool Discard(byte* start, nuint length) => Decommit(start, length) && Commit(start, length);

        public static bool Empty(byte* start, nuint length) => Decommit(start, length) && VirtualAlloc(start, length, MemCommit, PageReadOnly) is not null;

        public static bool Release(byte* start) => VirtualFree(start, 0, MemRelease) != 0;

        [LibraryImport("kernel32", SetLastError = true)]
        private static partial void* VirtualAlloc(void* address, nuint size, uint allocationType, uint protection);

        [LibraryImport("kernel32", SetLastError = true)]
        private static partial int VirtualFree(void* address, nuint size, uint freeType);
    }
}
