using System.Buffers;
using System.Diagnostics;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// A body on its way into the arena. It takes memory for what has come, at most as much again, and none beyond its limit, whatever
/// length was announced: who announces much and sends little holds little.
/// </summary>
/// <remarks>
/// The arena is asked for when the first bytes are here. No mark of the application takes the memory back. What the body outgrows
/// it gives back at once: nobody else has seen it.
/// </remarks>
/// <param name="feature">Whose arena it is.</param>
/// <param name="limit">The most bytes there may be.</param>
/// <param name="announced">Bytes that the client says will come, a bound for what is taken ahead.</param>
internal struct ArrivingBody(IRequestArenaFeature feature, int limit, long? announced)
{
    // No block is longer, wherever its memory comes from.
    private readonly int _most = Math.Min(limit, Array.MaxLength);

    private RequestArena _arena;
    private UnsafeSlice<byte> _memory;
    private int _count;

    /// <summary>Whether any bytes have come.</summary>
    public readonly bool HasBegun => _count > 0;

    /// <summary>Copies what has come.</summary>
    /// <param name="bytes">As it was read.</param>
    /// <param name="isLast">Nothing comes after it.</param>
    /// <exception cref="Microsoft.AspNetCore.Http.BadHttpRequestException">413: more than the limit, or than there is room for.</exception>
    /// <exception cref="ArenaExhaustedException">No room, under <see cref="ArenaExhaustion.Reject"/>, which answers that itself.</exception>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public void Append(in ReadOnlySequence<byte> bytes, bool isLast)
    {
        if (bytes.Length > _most - _count)
        {
            throw BodyRefusals.TooLarge(_most);
        }

        if (bytes.IsEmpty)
        {
            return;
        }

        if (!HasBegun)
        {
            _arena = feature.Arena;
        }

        Arena arena = _arena.Live;
        int needed = _count + (int)bytes.Length;
        if (needed > _memory.Length)
        {
            Grow(arena, needed, isLast);
        }

        bytes.CopyTo(_memory.Span[_count..]);
        _count = needed;
        AssertValid();
    }

    /// <summary>The body as it is now. What was taken ahead goes back, if nothing was allocated behind it.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public ArenaBody Complete()
    {
        if (!HasBegun)
        {
            return default;
        }

        Arena arena = _arena.Live;
        if (_memory.Length > _count && !arena.TryResizeForRequest(ref _memory, _count))
        {
            _memory = _memory.Slice(0, _count);
        }

        return new ArenaBody(_arena, _memory);
    }

    private void Grow(Arena arena, int needed, bool isLast)
    {
        if (HasBegun && arena.TryResizeForRequest(ref _memory, needed))
        {
            return; // in place, where nothing has to be taken ahead
        }

        UnsafeSlice<byte> larger = Allocate(arena, isLast ? needed : Ahead(needed));
        if (HasBegun)
        {
            _memory.Span[.._count].CopyTo(larger.Span);
        }

        UnsafeSlice<byte> outgrown = _memory;
        _memory = larger;
        arena.TryReturnForRequest(ref outgrown); // where not, it stays until the request ends
    }

    private readonly int Ahead(int needed)
    {
        long most = announced >= needed ? Math.Min(_most, announced.GetValueOrDefault()) : _most;
        return (int)Math.Min(2L * needed, most);
    }

    private static UnsafeSlice<byte> Allocate(Arena arena, int count)
    {
        try
        {
            return arena.AllocateForRequest<byte>(count);
        }
        catch (ArenaExhaustedException exception) when (arena.Process.Exhaustion == ArenaExhaustion.Throw)
        {
            throw BodyRefusals.NoRoom(exception);
        }
    }

    [Conditional("DEBUG")]
    private readonly void AssertValid() => Debug.Assert(_count <= _memory.Length && _count <= _most, "What has come lies in the memory, and within the limit.");
}
