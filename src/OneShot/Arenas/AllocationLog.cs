using System.Globalization;

namespace OneShot;

/// <summary>What a request of a debugged arena has allocated, the canaries behind it, and which thread is at it.</summary>
internal sealed unsafe class AllocationLog
{
    /// <summary>Bytes behind every allocation that nobody may write.</summary>
    public const int CanarySize = 16;

    private const byte Canary = 0xFD;
    private const byte Dead = 0xDD;

    private readonly List<Allocation> _allocations = [];
    private int _thread;
    private int _depth;

    public int Count => _allocations.Count;

    /// <summary>The free rest of the block that is being filled.</summary>
    public byte* Cursor { get; set; }

    public byte* Limit { get; set; }

    /// <summary>Whether the block being filled can have guard pages.</summary>
    public bool Guarded { get; set; }

    /// <exception cref="InvalidOperationException">Another thread is inside.</exception>
    public void Enter(string? owner)
    {
        int me = Environment.CurrentManagedThreadId;
        int other = Interlocked.CompareExchange(ref _thread, me, 0);
        if (other != 0 && other != me)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"Threads {other} and {me} are inside one arena at the same time (owner: {owner ?? "unknown"}). An arena has one owner at a time; give each its own."));
        }

        _depth++;
    }

    public void Exit()
    {
        if (--_depth == 0)
        {
            Volatile.Write(ref _thread, 0);
        }
    }

    /// <summary>Notes an allocation and writes the canary behind it, up to <paramref name="end"/>.</summary>
    public void Add(byte* start, nuint size, byte* end)
    {
        var allocation = new Allocation { Start = start, Size = size, End = end };
        allocation.Behind.Fill(Canary);
        _allocations.Add(allocation);
    }

    /// <summary>Takes the newest allocation out, for it to be added anew with another size.</summary>
    public bool TryRemoveNewest(byte* start, nuint size)
    {
        // Behind it may lie what was rewound, which is not used again.
        if (Count == 0 || _allocations[^1].End != Cursor || _allocations[^1].Start != start || _allocations[^1].Size != size || !_allocations[^1].IsIntact)
        {
            return false;
        }

        _allocations[^1].Behind.Clear();
        _allocations.RemoveAt(Count - 1);
        return true;
    }

    /// <summary>Checks and forgets all but the oldest <paramref name="downTo"/>; their bytes no longer mean anything.</summary>
    public ArenaCorruptedException? Close(int downTo, string? owner)
    {
        Allocation first = default;
        int damaged = 0;
        for (int index = downTo; index < Count; index++)
        {
            Allocation allocation = _allocations[index];
            if (!allocation.IsIntact && damaged++ == 0)
            {
                first = allocation;
            }

            new Span<byte>(allocation.Start, (int)Math.Min(allocation.Size, int.MaxValue)).Fill(Dead);
        }

        _allocations.RemoveRange(downTo, Count - downTo);
        if (damaged == 0)
        {
            return null;
        }

        long offset = (long)first.Size + first.Behind.IndexOfAnyExcept(Canary);
        return new ArenaCorruptedException(owner, (long)first.Size, offset, damaged);
    }

    public void LeaveBlock()
    {
        Cursor = null;
        Limit = null;
        Guarded = false;
    }

    private struct Allocation
    {
        public byte* Start;
        public nuint Size;
        public byte* End;

        public readonly Span<byte> Behind => new(Start + Size, (int)(End - (Start + Size)));

        public readonly bool IsIntact => !Behind.ContainsAnyExcept(Canary);
    }
}
