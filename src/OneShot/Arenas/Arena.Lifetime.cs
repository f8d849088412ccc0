using System.Runtime.CompilerServices;
using OneShot.Buffers;

namespace OneShot;

/// <summary>What handles over this arena's memory ask before they touch it.</summary>
public sealed unsafe partial class Arena
{
    /// <summary>The lifetime of what is allocated now.</summary>
    internal ArenaLifetime Lifetime
    {
        get
        {
            int depth = _markCount;
            Checkpoint[] marks = _marks;
            return (uint)(depth - 1) >= (uint)marks.Length ? new(_epoch, 0) : new(marks[depth - 1].Serial, depth);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsOver(in ArenaLifetime lifetime) => lifetime.Depth == 0 ? lifetime.Id != _epoch : IsRewound(lifetime);

    /// <exception cref="ObjectDisposedException">It is over.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ThrowIfOver(in ArenaLifetime lifetime)
    {
        if (IsOver(lifetime))
        {
            ThrowOver(lifetime);
        }
    }

    private bool IsRewound(in ArenaLifetime lifetime)
    {
        Checkpoint[] marks = _marks;
        return lifetime.Depth > _markCount || lifetime.Depth > marks.Length || marks[lifetime.Depth - 1].Serial != lifetime.Id;
    }

    private void ThrowOver(in ArenaLifetime lifetime)
    {
        if (lifetime.Depth == 0)
        {
            ThrowHelper.StaleHandle(lifetime.Id, _epoch);
        }

        ThrowHelper.RewoundHandle();
    }
}
