global using static OneShot.Explored.Must;
using OneShot.Memory;
using OneShot.Tests.Interleavings;

namespace OneShot.Memory
{
    /// <summary>Memory of the C heap, all of it there from the beginning.</summary>
    internal sealed unsafe class MemoryRegion : IDisposable
    {
        public const nuint HugePage = 2 << 20;

        public static bool CanPopulate => false;

        public byte* Base { get; private init; }

        public nuint Size { get; private init; }

        public bool HugePages => false;

        public static MemoryRegion Reserve(nuint size, bool hugePages = false, bool excludeFromCoreDumps = false)
        {
            byte* start = (byte*)System.Runtime.InteropServices.NativeMemory.AlignedAlloc(Math.Max(size, 64), PageSize.Bytes);
            System.Runtime.InteropServices.NativeMemory.Clear(start, size);
            return new() { Base = start, Size = size };
        }

        public void Commit(nuint offset, nuint length)
        {
        }

        public void Decommit(nuint offset, nuint length)
        {
        }

        public bool TryEmpty(nuint offset, nuint length) => false;

        public void Discard(nuint offset, nuint length)
        {
        }

        public void Populate(nuint offset, nuint length)
        {
        }

        public bool TryPopulate(nuint offset, nuint length) => false;

        public void Dispose() => System.Runtime.InteropServices.NativeMemory.AlignedFree(Base);
    }
}

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

    /// <summary>An arena that two threads use, and a neighbour over the same process arena.</summary>
    public abstract unsafe class SharedByTwo : IScenario
    {
        private const int Block = 1024;

        private readonly List<(nint Start, nint Limit)> _neighbours = [];

        private protected SharedByTwo()
        {
            Process = new ProcessArena(new() { Capacity = 8 * Block, BlockSize = Block, PopulateStep = 0, Reclamation = ArenaReclamation.PerRequest, Exhaustion = ArenaExhaustion.Throw });
            Neighbour = Process.CreateArena();
            Shared = Process.CreateArena();
            Fill();
            Newest = Shared.AllocateUnsafe<byte>(600);
            Fill(); // the block behind
        }

        public abstract IReadOnlyList<Action> Threads { get; }

        private protected ProcessArena Process { get; }

        private protected Arena Neighbour { get; }

        private protected Arena Shared { get; }

        private protected UnsafeSlice<byte> Newest { get; }

        public void Check()
        {
            CheckNeighbour();
            Shared.Dispose();
            CheckNeighbour();
            Neighbour.Dispose();
            Hold(Process.Held == 0, "A block was lost, or given back twice.");
            Process.Dispose();
        }

        /// <summary>The neighbour takes a block and fills it.</summary>
        private protected void Fill()
        {
            UnsafeSlice<byte> bytes = Neighbour.AllocateUnsafe<byte>(Block);
            bytes.Span.Fill(0xAA);
            _neighbours.Add(((nint)bytes.Pointer, (nint)bytes.Pointer + Block));
        }

        private protected void Resize(int count)
        {
            UnsafeSlice<byte> newest = Newest;
            Shared.TryResize(ref newest, count);
        }

        private protected void Allocate(int count)
        {
            try
            {
                UnsafeSlice<byte> bytes = Shared.AllocateUnsafe<byte>(count);
                nint start = (nint)bytes.Pointer;
                Hold(!_neighbours.Exists(other => start < other.Limit && start + count > other.Start), "Memory of a neighbour was handed out.");
            }
            catch (ObjectDisposedException)
            {
                // As it may be.
            }
        }

        private void CheckNeighbour()
        {
            foreach ((nint start, nint limit) in _neighbours)
            {
                Hold(!new Span<byte>((byte*)start, (int)(limit - start)).ContainsAnyExcept((byte)0xAA), "A neighbour's bytes have changed.");
            }
        }
    }

    /// <summary>One gives a part of its newest allocation back while the other ends the request.</summary>
    public sealed class ResizedAtTheEnd : SharedByTwo
    {
        public override IReadOnlyList<Action> Threads => [() => Resize(100), Shared.Reset];
    }

    /// <summary>The same, and the block goes to the neighbour.</summary>
    public sealed class ResizedWhileItGoes : SharedByTwo
    {
        public override IReadOnlyList<Action> Threads => [() => Resize(100), Go];

        private void Go()
        {
            Shared.Dispose();
            Fill();
        }
    }

    /// <summary>One goes on in the block while the other moves on to the next, and back.</summary>
    public sealed class AllocatedWhileItMovesOn : SharedByTwo
    {
        public override IReadOnlyList<Action> Threads => [() => Allocate(200), Move];

        private void Move()
        {
            using (Shared.Mark())
            {
                Allocate(500);
                Allocate(200);
            }

            Allocate(200);
        }
    }

    /// <summary>Two need a block at the same moment.</summary>
    public sealed class TwoTakeBlocks : SharedByTwo
    {
        public override IReadOnlyList<Action> Threads => [() => Allocate(500), () => Allocate(500)];
    }

    /// <summary>Two end the request.</summary>
    public sealed class TwoEnd : SharedByTwo
    {
        public TwoEnd() => Allocate(500);

        public override IReadOnlyList<Action> Threads => [Reset, Shared.Dispose];

        private void Reset()
        {
            try
            {
                Shared.Reset();
            }
            catch (ObjectDisposedException)
            {
                // The other was first.
            }
        }
    }
}
