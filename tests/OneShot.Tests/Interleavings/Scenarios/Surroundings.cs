// What the explored sources need of the rest, as little as possible.
global using static OneShot.Explored.Must;

namespace OneShot.Explored
{
    public static class Must
    {
        public static void Hold(bool condition, string what)
        {
            if (!condition)
            {
                throw new InvalidOperationException(what);
            }
        }
    }
}

namespace OneShot
{
    internal static class FaultInjection
    {
        public static void Allocation()
        {
        }
    }

    internal static class ThrowHelper
    {
        public static void ProcessArenaDisposed() => throw new ObjectDisposedException("ProcessArena");
    }

    internal sealed class MemoryRegionException : Exception;

    internal sealed class ProcessArena;
}

namespace OneShot.Memory
{
    /// <summary>A page at a time.</summary>
    internal sealed record RegionSettings(bool HugePages = false, bool ExcludeFromCoreDumps = false, long PopulateStep = 0, bool PopulateAtStart = false, PreToucher? Toucher = null)
    {
        public static RegionSettings Plain { get; } = new();
    }

    /// <summary>Addresses without memory.</summary>
    internal sealed unsafe class MemoryRegion : IDisposable
    {
        private bool _isDisposed;

        public byte* Base => (byte*)0x100000;

        public nuint Size { get; private init; }

        public bool HugePages => false;

        public static int CommitsToRefuse { get; set; }

        public static int DiscardsToRefuse { get; set; }

        public static MemoryRegion Reserve(nuint size, bool hugePages = false, bool excludeFromCoreDumps = false) => new() { Size = size };

        public void Commit(nuint offset, nuint length)
        {
            if (CommitsToRefuse > 0)
            {
                CommitsToRefuse--;
                throw new MemoryRegionException();
            }
        }

        public void TryPopulate(nuint offset, nuint length) => OneShot.Tests.Interleavings.Explorer.Step();

        public void Decommit(nuint offset, nuint length)
        {
        }

        public void Discard(nuint offset, nuint length)
        {
            OneShot.Tests.Interleavings.Explorer.Step();
            if (DiscardsToRefuse > 0)
            {
                DiscardsToRefuse--;
                throw new MemoryRegionException();
            }
        }

        public bool TryEmpty(nuint offset, nuint length) => true;

        public void Populate(nuint offset, nuint length)
        {
            OneShot.Explored.Must.Hold(!_isDisposed, "A region is touched that is unmapped.");
            OneShot.Tests.Interleavings.Explorer.Step();
            OneShot.Explored.Must.Hold(!_isDisposed, "A region is unmapped while it is touched.");
        }

        public void Dispose() => _isDisposed = true;
    }
}
