using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

/// <summary>A no-GC region of the test's own: it is left when the test says so, and holds what the test says.</summary>
internal sealed class ManualRegion : INoGCRegion
{
    private int _populations;

    public bool IsEntered { get; private set; }

    public long Allocated { get; private set; } = 7_000;

    public long HeapLimit => 123;

    /// <summary>Whether the next entry is granted.</summary>
    public bool Grants { get; set; } = true;

    /// <summary>What was asked for, entry by entry.</summary>
    public List<(long Size, long Large, bool MayCollect)> Entries { get; } = [];

    public long NoticedAt { get; private set; }

    public Action Notice { get; private set; } = () => { };

    public bool TryEnter(long size, long large, bool mayCollect)
    {
        Entries.Add((size, large, mayCollect));
        IsEntered = Grants;
        return Grants;
    }

    public void NoticeAt(long size, Action notice) => (NoticedAt, Notice) = (size, notice);

    /// <summary>What the next population comes to; it takes as long as the function.</summary>
    public Func<PopulateOutcome> Populates { get; set; } = static () => new(500, null);

    public int Populations => Volatile.Read(ref _populations);

    /// <summary>What the population under way is to ask, if anything.</summary>
    public Func<bool>? IsWanted { get; private set; }

    public PopulateOutcome Populate(bool isServing, Func<bool>? isWanted)
    {
        IsWanted = isWanted;
        Interlocked.Increment(ref _populations);
        return Populates();
    }

    public void Leave() => IsEntered = false;

    public void Allocate(long bytes) => Allocated += bytes;

    /// <summary>Something collects.</summary>
    public void Collect() => IsEntered = false;
}
