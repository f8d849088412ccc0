using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.Intrinsics;
using OneShot.Memory;

namespace OneShot.Codegen;

/// <summary>
/// Threads that do anything at all with one arena, its end included, beside a neighbour that keeps to the rules over the same process arena. What
/// becomes of the shared arena's memory is those threads' own doing. The neighbour's bytes are its own, no block comes to have two
/// owners, what is in use adds up, and the process lives: it is one of its own, so that the test lives too.
/// </summary>
/// <remarks>
/// The threads write nothing themselves, so that every byte that changes was changed by the arena; only <see cref="Writes"/> also lets
/// them use what copies into it, and then the neighbour takes no block that they may have had.
/// </remarks>
internal sealed unsafe class SharedArena : IDisposable
{
    private const int Blocks = 96;

    private readonly ProcessArenaOptions _options;
    private readonly MemoryRegion _above = MemoryRegion.Reserve(1 << 20); // not committed: touching it faults
    private readonly MemoryRegion _below;
    private readonly ProcessArena _process;
    private readonly ConcurrentBag<Arena> _arenas = [];
    private readonly StressRound _round = new();
    private readonly int _seed;
    private Arena _shared;

    private SharedArena(ArenaReclamation reclamation, ArenaExhaustion exhaustion, bool writes, int seed)
    {
        _seed = seed;
        Writes = writes;
        int block = 1024 << (seed % 3);
        _options = new ProcessArenaOptions { BlockSize = block, Capacity = Blocks * block, GenerationSize = Blocks / 4 * block, Reclamation = reclamation, Exhaustion = exhaustion };
        _process = new ProcessArena(_options);
        _below = MemoryRegion.Reserve(1 << 20);
        _shared = Create();
    }

    private bool Writes { get; }

    /// <summary>One round after the other, each with a process arena of its own.</summary>
    /// <returns>What went wrong first; null for nothing.</returns>
    public static string? Run(ArenaReclamation reclamation, ArenaExhaustion exhaustion, bool writes, TimeSpan time, int seed) => StressRound.Repeat(time, seed, seed =>
    {
        using SharedArena round = new(reclamation, exhaustion, writes, seed);
        return round.Run();
    });

    public void Dispose()
    {
        _process.Dispose();
        _above.Dispose();
        _below.Dispose();
    }

    private string? Run()
    {
        using Arena first = _process.CreateArena();
        using Arena second = _process.CreateArena();
        Neighbour[] neighbours = [new(first, _seed, isZeroed: !Writes), new(second, _seed + 1, isZeroed: !Writes)];
        Array.ForEach(neighbours, neighbour => neighbour.Fill(20));
        if (!_round.TryRun([.. Enumerable.Range(0, 2 + (_seed % 2)).Select<int, Action>(index => () => Stray(index)), () => Live(neighbours)]))
        {
            return "The threads wait for each other.";
        }

        _round.Guard(() => Settle(neighbours, first, second));
        return _round.Failure;
    }

    private void Live(Neighbour[] neighbours)
    {
        var random = new Random(_seed + 2);
        while (!_round.IsOver)
        {
            Neighbour neighbour = neighbours[random.Next(neighbours.Length)];
            neighbour.Check();
            if (Writes)
            {
                continue;
            }

            neighbour.Fill(random.Next(10));
            if (random.Next(8) == 0)
            {
                neighbour.Reset();
            }
        }
    }

    /// <summary>All threads have ended. Whatever is free goes to one more arena, which must not get what a neighbour has.</summary>
    private void Settle(Neighbour[] neighbours, Arena first, Arena second)
    {
        foreach (Arena arena in _arenas)
        {
            try
            {
                arena.Dispose(); // again, if another thread was in the middle of its end
            }
            catch (AggregateException)
            {
                // A callback found the arena full.
            }
        }

        using (Arena rest = _process.CreateArena())
        {
            var taken = new Neighbour(rest, _seed + 3, isZeroed: !Writes);
            while (taken.Fill(1))
            {
            }

            taken.Check();
            Array.ForEach(neighbours, neighbour => neighbour.Check());
        }

        first.Dispose();
        second.Dispose();
        Hold(_process.Statistics.Arenas == 0, $"{_process.Statistics.Arenas} arenas have not ended.");
        Hold(_process.Used <= _options.Capacity && _process.Held >= 0, "More is in use than there is.");
        if (_options.Reclamation == ArenaReclamation.Never || _process.ArenasGivenUp > 0)
        {
            return;
        }

        Hold(_process.Used == 0, $"{_process.Used} bytes are in use by nobody.");
        Hold(_process.Statistics.DetainedBytes == 0, "Bytes are pinned by nobody.");
        _process.Trim(); // joins what is free
        using Arena all = _process.CreateArena();
        List<(nint Start, nint Limit)> pieces = [];
        while (all.TryReserve(_options.BlockSize))
        {
            UnsafeSlice<byte> piece = all.AllocateUnsafe<byte>(_options.BlockSize);
            pieces.Add(((nint)piece.Pointer, (nint)piece.Pointer + piece.Length));
        }

        Hold(_options.Reclamation == ArenaReclamation.Generational ? pieces.Count >= Blocks / 2 : pieces.Count >= Blocks - 1, $"{pieces.Count} blocks are left of {Blocks}.");
        pieces.Sort();
        Hold(!pieces.Skip(1).Where((piece, index) => piece.Start < pieces[index].Limit).Any(), "A block has two owners.");
    }

    private void Stray(int index)
    {
        var random = new Random((_seed * 31) + index);
        var state = new Acts(this, random, index);
        while (!_round.IsOver)
        {
            try
            {
                state.Act(Volatile.Read(ref _shared));
            }
            catch (Exception expected) when (expected is ObjectDisposedException or ArenaExhaustedException or InvalidOperationException or AggregateException)
            {
                // Whoever shares an arena must expect that.
            }
        }

        state.Release();
    }

    private Arena Create()
    {
        Arena created = _process.CreateArena();
        _arenas.Add(created);
        return created;
    }

    private static void Hold(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException(what);
        }
    }

    /// <summary>What one of the threads has of the arena, much of it stale.</summary>
    private sealed class Acts(SharedArena owner, Random random, int index)
    {
        private readonly Stack<ArenaMark> _marks = new();
        private UnsafeSlice<byte> _small;
        private UnsafeSlice<long> _large;
        private Memory<byte> _memory;
        private System.Buffers.MemoryHandle _pin;

        public void Release() => _pin.Dispose();

        public void Act(Arena arena)
        {
            int block = owner._options.BlockSize;
            switch (random.Next(owner.Writes ? 26 : 22))
            {
                case 0:
                case 1:
                    arena.Allocate<byte>(random.Next(block / 8));
                    break;
                case 2:
                    arena.Allocate<byte>(random.Next(2 * block));
                    break;
                case 3:
                    _small = arena.AllocateUnsafe<byte>(random.Next(block / 2));
                    break;
                case 4:
                    _large = arena.AllocateUnsafe<long>(random.Next(block / 4));
                    break;
                case 5:
                    arena.TryResize(ref _small, random.Next(block / 2));
                    break;
                case 6:
                    arena.TryResize(ref _large, random.Next(block / 4));
                    break;
                case 7:
                    arena.TryReturn(ref _small);
                    break;
                case 8:
                    arena.TryReturn(ref _large);
                    break;
                case 9:
                    arena.AllocateAligned<byte>(random.Next(block / 4), 1 << random.Next(13));
                    break;
                case 10:
                    arena.AllocateUninitialized<Vector512<byte>>(random.Next(4));
                    break;
                case 11:
                    _memory = arena.AllocateMemory(random.Next(block));
                    break;
                case 12:
                    _pin.Dispose();
                    _pin = _memory.Pin();
                    break;
                case 13:
                    _pin.Dispose();
                    _pin = default;
                    break;
                case 14:
                    _marks.Push(arena.Mark());
                    break;
                case 15:
                    if (_marks.TryPop(out ArenaMark mark))
                    {
                        mark.Dispose();
                    }

                    break;
                case 16:
                    arena.TryReserve(random.Next(2 * block));
                    break;
                case 17:
                    arena.OnReset(static arena => ((Arena)arena!).Allocate<byte>(8), arena);
                    break;
                case 18:
                    arena.CreateChild().Allocate<byte>(8);
                    break;
                case 19:
                    arena.AllocateForRequest<byte>(random.Next(block / 2));
                    break;
                case 20:
                    End(arena);
                    break;
                case 21:
                    owner._process.Trim();
                    break;
                case 22:
                    arena.New(Vector512<byte>.AllBitsSet);
                    break;
                case 23:
                    arena.Copy("some text that is longer than a word"u8);
                    break;
                case 24:
                    arena.Utf8(CultureInfo.InvariantCulture, $"{random.Next()} and {block,20}");
                    break;
                default:
                    arena.Utf16(CultureInfo.InvariantCulture, $"{random.Next()} and {block,20}");
                    break;
            }
        }

        private void End(Arena arena)
        {
            switch (random.Next(8))
            {
                case 0:
                    if (owner._shared == arena)
                    {
                        owner._shared = owner.Create();
                    }

                    arena.Dispose();
                    break;
                case 1 when index == 0:
                    arena.Reset();
                    arena.Park();
                    arena.Unpark();
                    break;
                default:
                    arena.Reset();
                    break;
            }
        }
    }

    /// <summary>An arena with one owner, who knows what it has written where.</summary>
    private sealed class Neighbour(Arena arena, int seed, bool isZeroed)
    {
        private readonly Random _random = new(seed);
        private readonly List<(UnsafeSlice<byte> Bytes, byte Pattern)> _pieces = [];

        /// <returns>False if the process arena is full.</returns>
        public bool Fill(int count)
        {
            for (int i = 0; i < count; i++)
            {
                if (!arena.TryReserve(1000))
                {
                    return false;
                }

                UnsafeSlice<byte> bytes = arena.AllocateUnsafe<byte>(_random.Next(1, 1000));
                byte pattern = (byte)_random.Next(1, 256);
                Hold(!isZeroed || !bytes.Span.ContainsAnyExcept((byte)0), "Memory was handed out that is not zero.");
                bytes.Span.Fill(pattern);
                _pieces.Add((bytes, pattern));
            }

            return true;
        }

        public void Check()
        {
            foreach ((UnsafeSlice<byte> bytes, byte pattern) in _pieces)
            {
                int changed = bytes.Span.IndexOfAnyExcept(pattern);
                Hold(changed < 0, $"Byte {changed} of {bytes.Length} of a neighbour has changed.");
            }
        }

        public void Reset()
        {
            _pieces.Clear();
            arena.Reset();
        }
    }
}
