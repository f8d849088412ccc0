using OneShot.Blocks;
using OneShot.Memory;
using OneShot.Tests.Interleavings;

namespace OneShot.Explored;

/// <summary>A generation of a set, for threads to take blocks of and to close.</summary>
public abstract unsafe class OneGeneration : IScenario
{
    private readonly GenerationSet _set = new(4 * 4096, 4096, isDebug: false, size => new BumpRegion(size, RegionSettings.Plain), () => { });

    private protected OneGeneration()
    {
        Hold(_set.TryTakeBlock(64, 64, out Block first), "There is room for the first block.");
        Generation = first.Generation!;
        Generation.Release(first.Start, first.Size);
    }

    public abstract IReadOnlyList<Action> Threads { get; }

    private protected Generation Generation { get; }

    private protected long Retirements => _set.Retired;

    public abstract void Check();
}

/// <summary>Two requests take a block each and give it back, while a third thread closes the generation.</summary>
public sealed unsafe class GenerationIsHeld : OneGeneration
{
    private long _usedWhenClosed;

    public override IReadOnlyList<Action> Threads => [Request, Request, Close];

    public override void Check()
    {
        Hold(Retirements == 1, "A generation retires once.");
        Hold(Generation.Region.Used == _usedWhenClosed, "What is used of a closed generation has grown, over the cap.");
    }

    private void Close()
    {
        Generation.Close();
        _usedWhenClosed = Generation.Region.Used;
    }

    private void Request()
    {
        byte* start = Generation.TryTakeBlock(64, 64);
        if (start is not null)
        {
            Hold(Retirements == 0, "A block was taken of a generation that is retired.");
            Explorer.Step();
            Hold(Retirements == 0, "A generation is retired while a block of it is used.");
            Generation.Release(start, 64);
        }
    }
}

/// <summary>Two threads find the open generation full, at a cap where only its end makes room.</summary>
public sealed unsafe class TwoMoveOn : IScenario
{
    private const int Size = 16384;

    private readonly GenerationSet _set = new(2 * Size, Size, isDebug: false, size => new BumpRegion(size, RegionSettings.Plain), () => { });

    public TwoMoveOn()
    {
        Take(Size);
        Block half = Take(Size / 2);
        Take(Size / 2);
        half.Generation!.Release(half.Start, half.Size);
    }

    public IReadOnlyList<Action> Threads => [() => Take(4096), () => Take(4096)];

    public void Check() => Hold(_set.Used == (2 * Size) - (Size / 2) + (2 * 4096), "All blocks are counted.");

    private Block Take(nuint size)
    {
        Hold(_set.TryTakeBlock(size, 64, out Block block), "A block was refused that there is room for.");
        return block;
    }
}

/// <summary>An arena idles, resumes and idles again, while another thread closes the generation and takes idle holds away.</summary>
public sealed unsafe class IdleHoldIsTakenAway : OneGeneration
{
    private readonly byte* _first;
    private readonly byte* _second;
    private IdleTail _tail;

    public IdleHoldIsTakenAway()
    {
        _first = Generation.TryTakeBlock(64, 64);
        _second = Generation.TryTakeBlock(128, 64);
    }

    public override IReadOnlyList<Action> Threads => [Serve, Close];

    public override void Check()
    {
        // Between two requests nothing is held any more: the arena need not come back for the generation to go.
        Hold(Retirements == 1, "An idle arena keeps a closed generation.");
        Hold(Generation.Used == 0, "A block was given back that is another's, or twice.");
    }

    private void Serve()
    {
        Offer(_first, 64);
        if (_tail.TryTakeBack(out HeldBlock block))
        {
            Hold(Retirements == 0 && block.Block.Start == _first, "A tail is used whose generation is gone.");
            Generation.Release(_first, 64);
        }

        Offer(_second, 128);
    }

    private void Close()
    {
        Generation.Close();
        _tail.ReleaseIfClosed();
    }

    private void Offer(byte* start, nuint size) => _tail.Offer(new HeldBlock(new Block(start, size, Generation)));
}

/// <summary>Three threads at the end of a region, of which not all can be served.</summary>
public abstract unsafe class RegionEnds : IScenario
{
    private readonly BumpRegion _region;
    private readonly List<(long Start, long Size)> _served = [];

    protected RegionEnds(long capacity, long taken, int refusedCommits)
    {
        _region = new BumpRegion(capacity, RegionSettings.Plain);
        if (taken > 0)
        {
            Note((long)_region.TryTake(taken), taken);
        }

        MemoryRegion.CommitsToRefuse = refusedCommits;
    }

    public abstract IReadOnlyList<Action> Threads { get; }

    public void Check()
    {
        long all = _served.Sum(piece => piece.Size);
        Hold(_region.Used >= all, "Served bytes are not behind the cursor.");
        CheckMore(_region.Used, all);
        _served.Sort();
        for (int index = 1; index < _served.Count; index++)
        {
            Hold(_served[index - 1].Start + _served[index - 1].Size <= _served[index].Start, "Two threads were given the same bytes.");
        }
    }

    protected virtual void CheckMore(long used, long served)
    {
    }

    /// <summary>As <c>ProcessArena.TryAllocate</c>.</summary>
    protected void Allocate(long size)
    {
        Explorer.Step();
        long last = _region.LastStart(size);
        if (_region.Cursor > last)
        {
            Note((long)_region.TryTake(size), size);
            return;
        }

        long start = _region.Advance(size);
        Note(start > last ? (long)_region.Complete(start, size) : start, size);
    }

    protected void TakeBlock(long size) => Note((long)_region.TryTakeBlock(size, 8), size);

    private void Note(long start, long size)
    {
        if (start != 0)
        {
            _served.Add((start, size));
        }
    }
}

/// <summary>Two overshoot the cap at the same moment, and a third comes by.</summary>
public sealed class OvershootIsTakenBack : RegionEnds
{
    public OvershootIsTakenBack() : base(capacity: 128, taken: 96, refusedCommits: 0)
    {
    }

    public override IReadOnlyList<Action> Threads => [() => Allocate(32), () => Allocate(24), Twice];

    protected override void CheckMore(long used, long served) => Hold(used == served, "Bytes were lost.");

    private void Twice()
    {
        Allocate(8);
        Allocate(8);
    }
}

/// <summary>The system refuses one thread memory, which another then gets.</summary>
public sealed class RefusedMemoryIsGivenUp : RegionEnds
{
    public RefusedMemoryIsGivenUp() : base(capacity: 4096, taken: 0, refusedCommits: 1)
    {
    }

    public override IReadOnlyList<Action> Threads => [() => TakeBlock(64), () => TakeBlock(64), () => TakeBlock(64)];
}

/// <summary>A region goes while a thread may be touching it ahead of its cursor.</summary>
public sealed class TouchedRegionGoes : IScenario
{
    private readonly MemoryRegion _region = MemoryRegion.Reserve(4 << 20);
    private readonly PreToucher _toucher = new(4096);

    public IReadOnlyList<Action> Threads => [Run];

    public void Check()
    {
    }

    private void Run()
    {
        _toucher.Touch(_region, 0, 2 << 20);
        Explorer.Step();
        _toucher.Forget(_region);
        _region.Dispose();
        _toucher.Dispose();
    }
}

/// <summary>A process arena is disposed while arenas are created and disposed.</summary>
public sealed class OwnersComeAndGo : IScenario
{
    private OwnerCount _owners = new();
    private int _unmapped;

    public IReadOnlyList<Action> Threads => [Use, Use, Dispose];

    public void Check() => Hold(_unmapped == 1, "The memory is unmapped once.");

    private void Use()
    {
        if (_owners.TryAdd())
        {
            Hold(_unmapped == 0, "An arena was created over memory that is unmapped.");
            Explorer.Step();
            Hold(_unmapped == 0, "Memory is unmapped while an arena uses it.");
            Remove();
        }
    }

    private void Dispose()
    {
        if (_owners.Close())
        {
            Remove();
        }
    }

    private void Remove()
    {
        if (_owners.Remove())
        {
            _unmapped++;
        }
    }
}
