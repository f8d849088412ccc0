using System.Runtime.CompilerServices;

namespace OneShot.Buffers;

/// <summary>
/// What a collection is held by: its arena, what it consists of, which lies in the arena and is shared by all copies of the
/// handle, and how long each of them lasts. Every use asks, by two comparisons, whether it still does.
/// </summary>
internal readonly unsafe struct ArenaHandle<TState> where TState : unmanaged
{
    private readonly Arena? _arena;
    private readonly Shared* _shared;
    private readonly ArenaLifetime _lifetime;

    /// <summary>For a collection whose state is all zero at first. What it allocates next lies right behind it, and can grow in place.</summary>
    public ArenaHandle(Arena arena)
    {
        _arena = arena;
        _lifetime = arena.Lifetime; // before the memory is taken: should the request end in between, it is known to be over
        // Zero, even where an earlier request has misused the arena: what a collection believes of its memory is its own.
        _shared = (Shared*)Unsafe.AsPointer(ref arena.New(new Shared { Lifetime = _lifetime }));
    }

    /// <summary>The caller has asked for <see cref="Live"/> before.</summary>
    public Arena Arena => _arena!;

    /// <summary>Of the handle, which is over when its request is.</summary>
    public ArenaLifetime Lifetime => _lifetime;

    /// <exception cref="InvalidOperationException">The handle is the default value.</exception>
    /// <exception cref="ObjectDisposedException">The request is over, or a mark was rewound that took the handle's memory.</exception>
    public ref TState Live
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_arena is null)
            {
                ThrowHelper.CollectionWithoutArena();
            }

            _arena!.ThrowIfOver(_lifetime);
            _arena.ThrowIfOver(_shared->Lifetime);
            return ref _shared->State;
        }
    }

    /// <summary>
    /// The collection has taken memory: from here on it lasts no longer than that. The caller has asked for <see cref="Live"/> before. Should the
    /// request have ended in between, the handle's own lifetime, which is that request's, is over all the same.
    /// </summary>
    public void TookMemory() => _shared->Lifetime = _arena!.Lifetime;

    private struct Shared
    {
        public TState State;

        // Of the newest memory of the collection: growth under a mark makes all of it the mark's.
        public ArenaLifetime Lifetime;
    }
}
