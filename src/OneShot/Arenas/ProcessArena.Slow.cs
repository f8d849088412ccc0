using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace OneShot;

/// <summary>What happens when a direct allocation finds no committed memory left.</summary>
public sealed unsafe partial class ProcessArena
{
    private long _refusals;

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void ThrowExhausted(long requested)
    {
        long used = Used;
        Interlocked.Increment(ref _refusals);
        if (Exhaustion == ArenaExhaustion.FailFast)
        {
            Environment.FailFast(ArenaExhaustedException.Describe(requested, Capacity, used, _policy.Remedy));
        }

        throw new ArenaExhaustedException(requested, Capacity, used, _policy.Remedy, _policy.CommitFailure);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* TryAllocateSlow(int size)
    {
        if (!_policy.AllowsDirectAllocation)
        {
            ThrowHelper.NoDirectAllocation();
        }

        return _region.TryTake((size + 7L) & ~7L);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* TryComplete(long start, int size) => _region.Complete(start, (size + 7L) & ~7L);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* AllocateSlow(int size)
    {
        byte* start = TryAllocateSlow(size);
        if (start is null)
        {
            ThrowExhausted(size);
        }

        return start;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* Complete(long start, int size)
    {
        byte* completed = TryComplete(start, size);
        if (completed is null)
        {
            ThrowExhausted(size);
        }

        return completed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Found(byte* start, int size, out Span<byte> memory)
    {
        memory = start is null ? default : new Span<byte>(start, size);
        return start is not null;
    }
}
