using System.Runtime.InteropServices;

namespace OneShot.Memory;

internal sealed unsafe partial class MemoryRegion
{
    /// <summary>mmap(2), mprotect(2), madvise(2), munmap(2). Each answers false (or null) and leaves errno.</summary>
    private static partial class Unix
    {
        private const int ProtNone = 0x0;
        private const int ProtRead = 0x1;
        private const int ProtReadWrite = 0x1 | 0x2;
        private const int MapPrivate = 0x02;
        private const int MapFixed = 0x10;
        private const int AdviseDontNeed = 4;
        private const int AdviseHugePage = 14;
        private const int AdviseDontDump = 16;
        private const int AdvisePopulateWrite = 23; // Linux 5.14
        private const int AdviseDontNeedLocked = 24; // Linux 5.18

        // The BSDs, macOS among them, number these two differently from Linux.
        private static readonly int s_mapAnonymous = OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? 0x20 : 0x1000;
        private static readonly int s_mapNoReserve = OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? 0x4000 : 0x40;

        private static int AnonymousFlags => MapPrivate | s_mapAnonymous | s_mapNoReserve;

        public static byte* Reserve(nuint size)
        {
            nint start = Map(0, size, ProtNone, AnonymousFlags, -1, 0);
            return start == -1 ? null : (byte*)start;
        }

        /// <summary>Reserves more than is needed, and cuts off what lies before the first multiple and after the end.</summary>
        public static byte* ReserveAligned(nuint size, nuint alignment)
        {
            byte* start = Reserve(size + alignment);
            if (start is null)
            {
                return null;
            }

            byte* aligned = (byte*)Alignment.Up((nuint)start, alignment);
            nuint before = (nuint)(aligned - start);
            if (before > 0)
            {
                Unmap(start, before);
            }

            if (alignment > before)
            {
                Unmap(aligned + size, alignment - before);
            }

            return aligned;
        }

        public static bool AdviseHugePages(byte* start, nuint length) => Advise(start, length, AdviseHugePage) == 0;

        public static bool Populate(byte* start, nuint length) => Advise(start, length, AdvisePopulateWrite) == 0;

        /// <summary>Of no bytes at all it populates nothing, and a kernel that has never heard of it refuses nonetheless.</summary>
        public static bool KnowsPopulate() => Populate(null, 0);

        public static bool ExcludeFromCoreDumps(byte* start, nuint length) => Advise(start, length, AdviseDontDump) == 0;

        public static bool Discard(byte* start, nuint length)
        {
            if (OperatingSystem.IsLinux())
            {
                return DropPages(start, length);
            }

            return Map((nint)start, length, ProtReadWrite, AnonymousFlags | MapFixed, -1, 0) != -1;
        }

        public static bool Commit(byte* start, nuint length) => Protect(start, length, ProtReadWrite) == 0;

        public static bool Decommit(byte* start, nuint length)
        {
            if (OperatingSystem.IsLinux())
            {
                return DropPages(start, length) && Protect(start, length, ProtNone) == 0;
            }

            // Elsewhere MADV_DONTNEED is only a hint and may keep the bytes; mapping anew over them never does.
            return Map((nint)start, length, ProtNone, AnonymousFlags | MapFixed, -1, 0) != -1;
        }

        /// <summary>As <see cref="Decommit"/>, but the pages can still be read, as zeros.</summary>
        /// <param name="start">The first of whole pages.</param>
        /// <param name="length">Bytes.</param>
        /// <param name="isNew">Whether the pages were mapped anew, so that advice given before is forgotten.</param>
        public static bool Empty(byte* start, nuint length, out bool isNew)
        {
            isNew = false;
            if (OperatingSystem.IsLinux() && DropPages(start, length))
            {
                return Protect(start, length, ProtRead) == 0;
            }

            isNew = Map((nint)start, length, ProtRead, AnonymousFlags | MapFixed, -1, 0) != -1;
            return isNew;
        }

        public static bool Release(byte* start, nuint length) => Unmap(start, length) == 0;

        /// <summary>Locked pages (mlockall) are dropped too, where the kernel can: they stay locked, and are zero when touched again.</summary>
        private static bool DropPages(byte* start, nuint length) =>
            Advise(start, length, AdviseDontNeed) == 0 || Advise(start, length, AdviseDontNeedLocked) == 0;

        [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
        private static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

        [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
        private static partial int Protect(byte* address, nuint length, int protection);

        [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
        private static partial int Advise(byte* address, nuint length, int advice);

        [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
        private static partial int Unmap(byte* address, nuint length);
    }
}
