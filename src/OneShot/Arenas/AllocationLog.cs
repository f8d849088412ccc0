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

    // Not for a mark to rewind: closed with the request.
    private readonly List<Allocation> _forRequest = [];
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

    /// <summary>Makes room, so that <see cref="Add"/> cannot fail.</summary>
    public void Reserve(bool forRequest)
    {
        List<Allocation> allocations = forRequest ? _forRequest : _allocations;
        if (allocations.Count == allocations.Capacity)
        {
            FaultInjection.Allocation();
            allocations.EnsureCapacity(allocations.Count + 1);
        }
    }

    /// <summary>Notes an allocation and writes the canary behind it, up to <paramref name="end"/>.</summary>
    public void Add(byte* start, nuint size, byte* end, bool forRequest)
    {
        var allocation = new Allocation { Start = start, Size = size, End = end };
        allocation.Behind.Fill(Canary);
        (forRequest ? _forRequest : _allocations).Add(allocation);
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

    /// <summary>Forgets an allocation, not one of the oldest <paramref name="from"/> of its kind; its bytes no longer mean anything.</summary>
    /// <returns>False if there is none, or what lies behind it was overrun, which is told at the end.</returns>
    public bool TryRetire(byte* start, nuint size, int from, bool forRequest)
    {
        List<Allocation> allocations = forRequest ? _forRequest : _allocations;
        int index = allocations.Count - 1;
        while (index >= from && (allocations[index].Start != start || allocations[index].Size != size))
        {
            index--;
        }

        if (index < from || !allocations[index].IsIntact)
        {
            return false;
        }

        Kill(allocations[index]);
        allocations.RemoveAt(index);
        return true;
    }

    /// <summary>Checks and forgets all but the oldest <paramref name="downTo"/> of what a mark can rewind; their bytes no longer mean anything.</summary>
    public ArenaCorruptedException? Rewind(int downTo, string? owner, bool keepBytes)
    {
        Damage damage = default;
        Close(_allocations, downTo, keepBytes, ref damage);
        return damage.ToException(owner);
    }

    /// <summary>Checks and forgets everything.</summary>
    /// <param name="owner">Whose it was.</param>
    /// <param name="keepBytes">Whether pending I/O may still look at the bytes.</param>
    public ArenaCorruptedException? Close(string? owner, bool keepBytes)
    {
        Damage damage = default;
        Close(_allocations, downTo: 0, keepBytes, ref damage);
        Close(_forRequest, downTo: 0, keepBytes, ref damage);
        return damage.ToException(owner);
    }

    public void LeaveBlock()
    {
        Cursor = null;
        Limit = null;
        Guarded = false;
    }

    private static void Close(List<Allocation> allocations, int downTo, bool keepBytes, ref Damage damage)
    {
        for (int index = downTo; index < allocations.Count; index++)
        {
            Allocation allocation = allocations[index];
            if (!allocation.IsIntact && damage.Count++ == 0)
            {
                damage.First = allocation;
            }

            if (!keepBytes)
            {
                Kill(allocation);
            }
        }

        allocations.RemoveRange(downTo, allocations.Count - downTo);
    }

    private static void Kill(in Allocation allocation) => new Span<byte>(allocation.Start, (int)Math.Min(allocation.Size, int.MaxValue)).Fill(Dead);

    private struct Damage
    {
        public int Count;
        public Allocation First;

        public readonly ArenaCorruptedException? ToException(string? owner) =>
            Count == 0 ? null : new(owner, (long)First.Size, (long)First.Size + First.Behind.IndexOfAnyExcept(Canary), Count);
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
