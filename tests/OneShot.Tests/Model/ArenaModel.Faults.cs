using System.Buffers;

namespace OneShot.Tests.Model;

/// <summary>Pins that outlive their request, callbacks that misuse their arena, memory that no mark takes back, injected failures.</summary>
internal sealed unsafe partial class ArenaModel
{
    private readonly List<Pinned> _pins = [];
    private readonly List<string> _broken = [];
    private int _registered;
    private int _ran;

    private static bool IsInjected(Exception failure) =>
        failure is OutOfMemoryException or MemoryRegionException || (failure is AggregateException several && several.InnerExceptions.All(IsInjected));

    private void AllocateForRequest(Owner owner, int size)
    {
        long before = owner.Expected;
        owner.Kept.Add(Took(owner, owner.Arena.AllocateForRequest<byte>(size).Span, alignment: 8, zero: true, owner.Request));
        owner.ForRequest += owner.Marks.Count > 0 ? owner.Expected - before : 0;
    }

    private void Pin(Owner owner, int size)
    {
        Memory<byte> memory = owner.Arena.AllocateMemory(size);
        if (size == 0)
        {
            return;
        }

        Took(owner, memory.Span, alignment: 8, zero: true);
        Piece piece = owner.Live[^1];
        _pins.Add(new Pinned(owner.Arena, memory.Pin(), piece, owner.Live.Count - 1));
        Assert.Equal(piece.Start, (long)_pins[^1].Handle.Pointer);
    }

    /// <summary>Whatever has become of its request: what is pinned is as it was.</summary>
    private void Unpin(int index)
    {
        Pinned pin = _pins[index];
        _pins.RemoveAt(index);
        Assert.False(new Span<byte>(pin.Handle.Pointer, pin.Piece.Length).ContainsAnyExcept(pin.Piece.Pattern), "Pinned memory was used for something else.");
        pin.Handle.Dispose();
    }

    private void OnReset(Owner owner, int size)
    {
        Arena arena = owner.Arena;
        ArenaMark? outermost = owner.Marks.Count > 0 ? owner.Marks.Last().Mark : null;
        arena.OnReset(
            _ =>
            {
                _ran++;
                Misuse(arena, size, outermost);
            },
            null);
        _registered++;
    }

    /// <summary>Runs as a callback. Nothing it does may be seen by anybody else.</summary>
    private void Misuse(Arena arena, int size, ArenaMark? outermost)
    {
        try
        {
            switch (size % 6)
            {
                case 0:
                    MustBeRefused(arena.Reset);
                    break;
                case 1:
                    MustBeRefused(arena.Dispose);
                    break;
                case 2:
                    arena.Allocate<byte>(size).Fill(0xEE);
                    break;
                case 3:
                    using (arena.Mark())
                    {
                        arena.Allocate<byte>(size).Fill(0xEE);
                        arena.AllocateMemory(size).Span.Fill(0xEE);
                    }

                    break;
                case 4:
                    arena.Mark();
                    arena.Allocate<byte>(size).Fill(0xEE);
                    break;
                default:
                    Exception? refused = Record.Exception(() => outermost?.Dispose());
                    if (refused is not null and not InvalidOperationException && !IsInjected(refused))
                    {
                        _broken.Add(refused.ToString());
                    }

                    break;
            }
        }
        catch (Exception failure) when (failure is ArenaExhaustedException || IsInjected(failure))
        {
            // As everywhere else.
        }
    }

    private void MustBeRefused(Action action)
    {
        if (Record.Exception(action) is not InvalidOperationException or ObjectDisposedException)
        {
            _broken.Add("A callback ended its request.");
        }
    }

    private sealed record Pinned(Arena Arena, MemoryHandle Handle, Piece Piece, int Index)
    {
        public bool IsSince(int live) => Index >= live;
    }
}
