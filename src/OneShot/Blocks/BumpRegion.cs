using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OneShot.Memory;

namespace OneShot.Blocks;

/// <summary>
/// A capped region and the cursor that all threads move forward in it. Memory is committed a step at a time, and faulted in
/// by smaller steps, so the limit that the fast path compares with is the end of what is ready, not yet the cap.
/// </summary>
/// <remarks>
/// An addition that would not fit is refused before it is made. Only threads that passed that check at the same moment
/// can still overshoot the cap; each takes its addition back, the topmost first, so <c>cursor > cap</c> is a state of a
/// few instructions, no byte is lost, and the cursor cannot creep once the region is full.
/// </remarks>
internal sealed unsafe class BumpRegion : IDisposable
{
    /// <summary>One huge page: 32 slow paths fill the default region.</summary>
    private const long CommitStep = 2 << 20;

    private readonly MemoryRegion _region;
    private readonly PreToucher? _toucher;
    private readonly Lock _commit = new();
    private readonly long _populateStep;
    private readonly long _start;
    private long _end;
    private CursorLine _line;
    private long _committed;
    private long _touched; // by the thread ahead
    private long _populated; // by those who take
    private long _dirty;
    private bool _closed;

    /// <param name="capacity">The cap in bytes.</param>
    /// <param name="settings">How to ask for its memory.</param>
    /// <exception cref="MemoryRegionException">The operating system refused the address space.</exception>
    public BumpRegion(long capacity, RegionSettings settings)
    {
        _region = MemoryRegion.Reserve((nuint)capacity, settings.HugePages, settings.ExcludeFromCoreDumps);
        _toucher = settings.Toucher;
        _populateStep = settings.PopulateStep;
        Capacity = capacity;
        _start = (long)_region.Base;
        _end = _start + capacity;
        _committed = _start;
        _touched = _start;
        _populated = _start;
        _line.Cursor = _start;
        _line.Limit = _start;
        if (settings.PopulateAtStart)
        {
            PopulateAll();
        }
    }

    private BumpRegion()
    {
        _region = MemoryRegion.Reserve(0);
        _closed = true;
        _line.Cursor = 1;
    }

    /// <summary>A region that holds nothing and hands out nothing, not even nothing: every allocation takes its slow path.</summary>
    public static BumpRegion Empty() => new();

    /// <summary>The cap it was made with.</summary>
    public long Capacity { get; }

    /// <summary>Bytes behind the cursor.</summary>
    public long Used => Math.Min(Volatile.Read(ref _line.Cursor), _end) - _start;

    /// <summary>Bytes that the operating system was asked to back.</summary>
    public long Committed => Volatile.Read(ref _committed) - _start;

    public bool HugePages => _region.HugePages;

    /// <summary>What the operating system answered when a commit failed last; null if none ever did.</summary>
    public MemoryRegionException? CommitFailure { get; private set; }

    /// <summary>Where the next allocation begins.</summary>
    public long Cursor => _line.Cursor;

    /// <summary>The last address at which <paramref name="size"/> bytes can begin and lie in committed memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long LastStart(long size) => _line.Limit - size;

    /// <summary>
    /// Moves the cursor, with one atomic addition, by a multiple of the default alignment. The caller guarantees that
    /// <see cref="Cursor"/> was not beyond <see cref="LastStart"/>; if the result is, it calls <see cref="Complete"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Advance(long size) => Interlocked.Add(ref _line.Cursor, size) - size;

    /// <summary>Takes memory where the fast path found no committed memory left.</summary>
    /// <returns>Its address, or null if it does not fit.</returns>
    public byte* TryTake(long size) => TryAdvance(size, Alignment.Default);

    /// <summary>Takes a block; it starts on a cache line of its own.</summary>
    /// <returns>Its address, or null if it does not fit.</returns>
    public byte* TryTakeBlock(long size, long alignment) => TryAdvance(size, alignment);

    /// <summary>From here on nothing is handed out any more.</summary>
    public void Close()
    {
        lock (_commit)
        {
            _closed = true;
            Volatile.Write(ref _line.Limit, 0);
        }
    }

    /// <summary>Nothing more is faulted in ahead of the cursor. When this returns, nothing is.</summary>
    public void StopTouching() => _toucher?.Forget(_region);

    /// <summary>Closes the region and gives its memory back to the system; what is stale reads zeros there, or faults.</summary>
    /// <param name="inaccessible">Whether reading is to be a fault too.</param>
    /// <returns>False if the system refused: the memory is still there, and <see cref="TryReopen"/> clears it.</returns>
    public bool TryEmpty(bool inaccessible)
    {
        Close();
        StopTouching();
        nuint length = (nuint)Committed;
        if (!_region.TryEmpty(0, length))
        {
            MarkDirty();
            return false;
        }

        if (inaccessible)
        {
            TryForbid((byte*)_start, length);
        }

        _committed = _start;
        _dirty = 0;
        return true;
    }

    /// <summary>What was taken of the closed region is still there, for <see cref="TryReopen"/> to clear.</summary>
    internal void MarkDirty() => _dirty = Math.Max(1, Math.Max(_dirty, Used));

    /// <summary>Begins anew with an empty region. The caller guarantees that nobody uses it.</summary>
    /// <param name="capacity">The cap in bytes, at most what it was first.</param>
    /// <returns>False if the operating system refused to make what it kept writable.</returns>
    public bool TryReopen(long capacity)
    {
        if (_dirty > 0)
        {
            if (!TryPermit((byte*)_start, (nuint)Committed))
            {
                return false;
            }

            NativeMemory.Clear((byte*)_start, (nuint)_dirty);
            _dirty = 0;
        }

        lock (_commit)
        {
            _end = _start + capacity;
            _touched = _start;
            _line.Cursor = _start;
            _line.Limit = Math.Min(_committed, _end);
            Volatile.Write(ref _closed, false);
        }

        return true;
    }

    /// <summary>Gives the memory of whole pages that nobody uses back to the system, zeroed, whatever else lies around them.</summary>
    /// <returns>How many bytes went.</returns>
    /// <exception cref="MemoryRegionException">The operating system refused.</exception>
    public long Discard(byte* start, byte* limit)
    {
        long length = WholePagesWithin(start, limit);
        if (length > 0)
        {
            _region.Discard(Alignment.Up((nuint)start, PageSize.Bytes) - (nuint)_start, (nuint)length);
        }

        return length;
    }

    /// <summary>As <see cref="Discard"/>.</summary>
    /// <returns>False if the operating system refused.</returns>
    public bool TryDiscard(byte* start, byte* limit)
    {
        try
        {
            Discard(start, limit);
            return true;
        }
        catch (MemoryRegionException)
        {
            return false;
        }
    }

    /// <summary>Bytes of the pages that lie between two addresses as a whole.</summary>
    public static long WholePagesWithin(byte* start, byte* limit) =>
        Math.Max(0, (long)((nuint)limit & ~(PageSize.Bytes - 1)) - (long)Alignment.Up((nuint)start, PageSize.Bytes));

    /// <summary>Makes whole pages behind the cursor inaccessible and gives their memory back.</summary>
    /// <exception cref="MemoryRegionException">The operating system refused.</exception>
    public void Forbid(byte* start, nuint size) => _region.Decommit((nuint)start - (nuint)_start, size);

    private void TryForbid(byte* start, nuint size)
    {
        try
        {
            Forbid(start, size);
        }
        catch (MemoryRegionException refused)
        {
            CommitFailure = refused;
        }
    }

    /// <summary>Makes such pages accessible again, all zero.</summary>
    public bool TryPermit(byte* start, nuint size)
    {
        try
        {
            _region.Commit((nuint)start - (nuint)_start, size);
            return true;
        }
        catch (MemoryRegionException refused)
        {
            CommitFailure = refused;
            return false;
        }
    }

    public void Dispose()
    {
        Close();
        StopTouching();
        _region.Dispose();
    }

    /// <summary>What is true of a region while no thread is inside it.</summary>
    [Conditional("DEBUG")]
    internal void AssertValid()
    {
        if (_closed)
        {
            Debug.Assert(_line.Limit == 0, "A closed region hands out nothing.");
            return;
        }

        Debug.Assert(_line.Cursor >= _start && _line.Cursor <= _end, "The cursor is beyond the cap only while a thread steps back.");
        Debug.Assert(_line.Cursor % Alignment.Default == 0);
        Debug.Assert(_line.Limit >= _start && _line.Limit <= Math.Min(_committed, _end), "The limit is of committed memory, within the cap.");
        Debug.Assert(_committed - _start <= (long)_region.Size && _end - _start <= Capacity);
    }

    private byte* TryAdvance(long size, long alignment)
    {
        var spin = new SpinWait();
        while (true)
        {
            if (Volatile.Read(ref _closed))
            {
                ThrowHelper.ProcessArenaDisposed();
            }

            long cursor = Volatile.Read(ref _line.Cursor);
            if (cursor > _end)
            {
                // Another thread is taking an overshoot back; only then is it known what is left.
                spin.SpinOnce();
                continue;
            }

            long start = (cursor + (alignment - 1)) & -alignment;
            if (start > _end || size > _end - start)
            {
                return null;
            }

            if (Interlocked.CompareExchange(ref _line.Cursor, start + size, cursor) == cursor)
            {
                return TryCommit(start + size) ? (byte*)start : GiveUp(cursor, start + size);
            }
        }
    }

    /// <summary>The addition is made but ends beyond what is committed: commits more, or takes it back if it ends beyond the cap.</summary>
    /// <returns>The address, or null if it does not fit.</returns>
    public byte* Complete(long start, long size)
    {
        long end = start + size;
        if (end <= _end)
        {
            return TryCommit(end) ? (byte*)start : GiveUp(start, end);
        }

        // Whoever added after this thread overshot as well and steps back first; nobody new adds meanwhile.
        var spin = new SpinWait();
        while (Interlocked.CompareExchange(ref _line.Cursor, start, end) != end)
        {
            spin.SpinOnce();
        }

        return null;
    }

    /// <summary>Memory was refused: the bytes go back if nobody took some after them, else they stay unused.</summary>
    private byte* GiveUp(long start, long end)
    {
        Interlocked.CompareExchange(ref _line.Cursor, start, end);
        return null;
    }

    /// <summary>Where the system refuses, memory comes in steps, as ever.</summary>
    private void PopulateAll()
    {
        try
        {
            _region.Commit(0, _region.Size);
            _region.Populate(0, _region.Size);
            _committed = _start + (long)_region.Size;
            _line.Limit = _end;
        }
        catch (MemoryRegionException refused)
        {
            CommitFailure = refused;
        }
    }

    private bool TryCommit(long end)
    {
        if (end <= Volatile.Read(ref _line.Limit))
        {
            return true;
        }

        long from;
        long to;
        lock (_commit)
        {
            if (_closed)
            {
                ThrowHelper.ProcessArenaDisposed();
            }

            if (end <= _line.Limit)
            {
                return true;
            }

            if ((end > _committed || _toucher is not null) && !TryCommitStep(end))
            {
                return false;
            }

            (from, to) = StepToPopulate(end);
            Volatile.Write(ref _line.Limit, Math.Min(to, _end));
        }

        // Not within the lock: who takes memory meanwhile need not wait, and faults in what is not there yet.
        if (from < to)
        {
            _region.TryPopulate((nuint)(from - _start), (nuint)(to - from));
        }

        return true;
    }

    /// <summary>Within the lock: as many whole steps as are needed.</summary>
    private bool TryCommitStep(long end)
    {
        long limit = StepAfter(end - _start);
        long target = Math.Max(_committed, _toucher is null ? limit : StepAfter(end - _start + _toucher.Ahead + CommitStep));
        try
        {
            _region.Commit((nuint)(_committed - _start), (nuint)(target - _committed));
        }
        catch (MemoryRegionException refused)
        {
            CommitFailure = refused;
            return false;
        }

        _committed = target;
        TouchAhead(end, target);
        return true;
    }

    /// <summary>
    /// Within the lock: what the caller is to fault in, up to the end of a step, which is the new limit. Of a very large allocation only the
    /// last step: what lies before that is its owner's to touch.
    /// </summary>
    private (long From, long To) StepToPopulate(long end)
    {
        if (_populateStep == 0)
        {
            long limit = StepAfter(end - _start);
            return (limit, limit);
        }

        long to = Math.Min(_committed, _start + (long)Alignment.Up((nuint)(end - _start), (nuint)_populateStep));
        long from = Math.Max(_populated, to - _populateStep);
        _populated = to;
        return (from, to);
    }

    /// <summary>The thread is told at every step of the limit; so a step more than asked for is ahead then, and never less in between.</summary>
    private void TouchAhead(long end, long target)
    {
        if (_toucher is null || _touched >= target)
        {
            return;
        }

        // What a very large allocation left far behind is its owner's to touch.
        long page = (long)PageSize.Bytes;
        long behind = _start + (Math.Max(0, end - _start - _toucher.Ahead) / page * page);
        _toucher.Touch(_region, (nuint)(Math.Max(_touched, behind) - _start), (nuint)(target - _start));
        _touched = target;
    }

    private long StepAfter(long offset) => _start + Math.Min((long)_region.Size, (long)Alignment.Up((nuint)offset, (nuint)CommitStep));

    /// <summary>Cursor and limit share a line, since every allocation needs both, and share it with nothing else.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct CursorLine
    {
        [FieldOffset(128)]
        public long Cursor;

        [FieldOffset(136)]
        public long Limit;
    }
}
