using OneShot.Blocks;
using OneShot.Memory;

namespace OneShot;

/// <summary>Pieces that are given back before the request ends.</summary>
public sealed unsafe partial class Arena
{
    /// <summary>
    /// Gives a piece back early: the newest of its block, or a large one, which has a block of its own. Under
    /// <see cref="ArenaReclamation.PerRequest"/> and <see cref="ArenaReclamation.Generational"/> a large one's block goes back to the process arena, for
    /// anybody's use; under <see cref="ArenaReclamation.Never"/>, and the newest in any case, it serves this request again.
    /// </summary>
    /// <remarks>
    /// The caller guarantees that nobody uses the piece, or a slice of it, any more. That is why it takes what <see cref="AllocateUnsafe{T}"/> returned, and no
    /// span: a span may be that of a list, whose handle would go on believing in its memory.
    /// </remarks>
    /// <param name="piece">What <see cref="AllocateUnsafe{T}"/> returned, all of it. The default value afterwards, if it was given back.</param>
    /// <returns>False if it stays until the request ends, or the mark is rewound: it is neither, or a mark was taken since.</returns>
    public bool TryReturn<T>(ref UnsafeSlice<T> piece) where T : unmanaged
    {
        if (piece.IsDefault)
        {
            return false;
        }

        using Inside inside = Enter();
        return TryReturnInside(ref piece);
    }

    private bool TryReturnInside<T>(ref UnsafeSlice<T> piece) where T : unmanaged
    {
        UnsafeSlice<T> returned = piece;
        if (returned.IsDefault || _state != State.Open)
        {
            return false;
        }

        byte* start = (byte*)returned.Pointer;
        nuint size = (nuint)returned.Length * (nuint)sizeof(T);
        if ((IsNewestSinceMark(start) && TryResizeInside(ref returned, 0)) || (_log is null ? TryReturnLarge(start, size) : TryReturnDebug(start, size, forRequest: false)))
        {
            piece = default;
            return true;
        }

        return false;
    }

    /// <summary>As <see cref="TryReturn{T}"/> for what <see cref="AllocateForRequest{T}"/> returned: a large one that was taken under a mark comes back whatever marks there are.</summary>
    internal bool TryReturnForRequest<T>(ref UnsafeSlice<T> piece) where T : unmanaged
    {
        byte* start = (byte*)piece.Pointer;
        nuint size = (nuint)piece.Length * (nuint)sizeof(T);
        using Inside inside = Enter();
        if (TryReturnInside(ref piece))
        {
            return true;
        }

        if (start is null || _state != State.Open || !(_log is null ? TryReturnUnmarked(start, size) : TryReturnDebug(start, size, forRequest: true)))
        {
            return false;
        }

        piece = default;
        return true;
    }

    /// <summary>Whether the newest allocation of a block, if it begins there, was made under the innermost mark.</summary>
    private bool IsNewestSinceMark(byte* start)
    {
        if (_markCount == 0)
        {
            return true;
        }

        ref readonly Checkpoint mark = ref _marks[_markCount - 1];
        return _log is not null ? _log.Count > mark.Logged : _blocks.Filled.Count != mark.Blocks || mark.Blocks == 0 || start >= _blocks.Filled.Last.Block.Start + mark.Cursor;
    }

    private bool TryReturnLarge(byte* start, nuint size) =>
        TryReturnLarge(ref _blocks.Large, _markCount == 0 ? 0 : _marks[_markCount - 1].Large, start, size, ref _allocatedElsewhere);

    private bool TryReturnUnmarked(byte* start, nuint size) => TryReturnLarge(ref _blocks.Unmarked, from: 0, start, size, ref _allocatedForRequest);

    private bool TryReturnLarge(ref HeldBlocks list, int from, byte* start, nuint size, ref long allocated)
    {
        size = Alignment.Up(size, Alignment.Default);
        if (!_blocks.TryReturnLarge(ref list, from, start, size, _process))
        {
            return false;
        }

        System.Diagnostics.Debug.Assert(!_isPlain, "A request with a large block has more to end than one block.");
        allocated -= (long)size;
        return true;
    }

    /// <summary>The same pieces as without the debug option, about; their memory is not used again, so that it cannot look alive.</summary>
    private bool TryReturnDebug(byte* start, nuint size, bool forRequest)
    {
        int from = forRequest || _markCount == 0 ? 0 : _marks[_markCount - 1].Logged;
        if (size <= _process.StandardBlock / 4 || !_log!.TryRetire(start, size, from, forRequest))
        {
            return false;
        }

        (forRequest ? ref _allocatedForRequest : ref _allocatedElsewhere) -= (long)Alignment.Up(size, Alignment.Default);
        return true;
    }
}
