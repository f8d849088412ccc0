using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OneShot.Tests.Model;

/// <summary>
/// Runs a program and holds every answer against what a simple bookkeeper knows: which granule of 8 bytes was handed to
/// whom, what was written there, and how many bytes each arena says it has handed out.
/// </summary>
internal sealed unsafe class ArenaModel : IDisposable
{
    private readonly ArenaProgram _program;
    private readonly ProcessArena _process;
    private readonly long _base;
    private readonly int[] _owners = [];
    private readonly Owner[] _arenas;
    private int _requests;
    private byte _pattern;

    public ArenaModel(ArenaProgram program)
    {
        _program = program;
        _process = new ProcessArena(program.Options);
        if (program.Options.Reclamation != ArenaReclamation.Generational && !program.Options.Debug)
        {
            _base = Address(_process.Allocate(0));
            _owners = new int[program.Options.Capacity / 8];
        }

        _arenas = [.. Enumerable.Range(0, ArenaProgram.Arenas).Select(_ => Fresh())];
    }

    public static void Run(ArenaProgram program)
    {
        using var model = new ArenaModel(program);
        foreach (Operation operation in program.Operations)
        {
            model.Step(operation);
        }
    }

    public void Dispose()
    {
        foreach (Owner owner in _arenas)
        {
            End(owner);
            owner.Arena.Dispose();
        }

        if (_program.Options.Reclamation == ArenaReclamation.PerRequest)
        {
            Assert.Equal(0, _process.Used);
        }

        ArenaStatistics statistics = _process.Statistics;
        Assert.InRange(statistics.GenerationsOpened - statistics.GenerationsRetired, 0, 1);
        Assert.InRange(statistics.Used, 0, statistics.Capacity);
        Assert.Equal(0, statistics.Arenas);
        _process.Dispose();
    }

    private void Step(Operation operation)
    {
        Owner owner = _arenas[operation.Arena];
        try
        {
            Do(operation, owner);
        }
        catch (ArenaExhaustedException) when (_program.Options.Exhaustion == ArenaExhaustion.Throw)
        {
            Assert.True(operation.Size > 0 || operation.Kind == OperationKind.New);
        }

        Assert.Equal(owner.Expected, owner.Arena.Allocated);
    }

    private void Do(Operation operation, Owner owner)
    {
        Arena arena = owner.Arena;
        int size = operation.Size;
        switch (operation.Kind)
        {
            case OperationKind.Allocate:
                Took(owner, arena.Allocate<byte>(size), alignment: 8, zero: true);
                break;
            case OperationKind.AllocateUninitialized:
                Took(owner, MemoryMarshal.AsBytes(arena.AllocateUninitialized<ushort>(size)), alignment: 8, zero: false);
                break;
            case OperationKind.AllocateVectors:
                Took(owner, MemoryMarshal.AsBytes(arena.Allocate<Vector256<long>>(size / 32)), alignment: 32, zero: true);
                break;
            case OperationKind.AllocateAligned:
                int alignment = 1 << (size % 13);
                Took(owner, arena.AllocateAligned<byte>(size, alignment), Math.Max(8, alignment), zero: true);
                break;
            case OperationKind.Copy:
                byte[] source = new byte[size];
                Array.Fill(source, (byte)size);
                Span<byte> copy = arena.Copy(source);
                Assert.True(copy.SequenceEqual(source));
                Took(owner, copy, alignment: 8, zero: false);
                break;
            case OperationKind.New:
                ref Guid value = ref arena.New(Guid.Empty);
                Took(owner, MemoryMarshal.AsBytes(new Span<Guid>(ref value)), alignment: 8, zero: true);
                break;
            case OperationKind.AllocateUnsafe:
                UnsafeSlice<int> slice = arena.AllocateUnsafe<int>(size / 4);
                Took(owner, MemoryMarshal.AsBytes(slice.Span), alignment: 8, zero: true);
                owner.Newest = slice;
                owner.HasNewest = true;
                break;
            case OperationKind.Resize:
                Resize(owner, size / 4);
                break;
            case OperationKind.Reserve:
                Reserve(owner, size);
                break;
            case OperationKind.Mark:
                owner.Marks.Push(new Marked(arena.Mark(), owner.Expected, owner.Live.Count));
                owner.Newest = default;
                owner.HasNewest = false;
                break;
            case OperationKind.Rewind:
                Rewind(owner, size % 3);
                break;
            case OperationKind.Reset:
                End(owner);
                arena.Reset();
                owner.Request = ++_requests;
                break;
            case OperationKind.Dispose:
                End(owner);
                arena.Dispose();
                _arenas[operation.Arena] = Fresh();
                break;
            default:
                throw new InvalidOperationException($"The model does not know {operation.Kind}.");
        }
    }

    private void Took(Owner owner, Span<byte> memory, int alignment, bool zero)
    {
        long start = Address(memory);
        Assert.Equal(0, start % (alignment == 8 && _program.Options.GuardPages ? 1 : alignment));
        Assert.True(!zero || !memory.ContainsAnyExcept((byte)0), "Memory was handed out that is not zero.");
        long grown = owner.Arena.Allocated - owner.Expected;
        long rounded = (memory.Length + 7) / 8 * 8;
        Assert.InRange(grown, rounded, rounded + alignment - 8);
        owner.Expected += grown;
        owner.HasNewest = false;
        Claim(owner, start, rounded);
        memory.Fill(++_pattern);
        owner.Live.Add(new Piece(start, memory.Length, _pattern));
    }

    private void Resize(Owner owner, int count)
    {
        UnsafeSlice<int> before = owner.Newest;
        UnsafeSlice<int> after = before;
        long allocated = owner.Arena.Allocated;
        if (!owner.Arena.TryResize(ref after, count))
        {
            Assert.Equal(before.Length, after.Length);
            bool mayBeLarge = before.Length * 4 > _program.Options.BlockSize / 4 || _program.Options.GuardPages;
            Assert.True(count > before.Length || !owner.HasNewest || before.IsEmpty || mayBeLarge, "The newest allocation of a block can always shrink.");
            return;
        }

        long start = Address(MemoryMarshal.AsBytes(after.Span));
        Assert.True(before.IsDefault || start == Address(MemoryMarshal.AsBytes(before.Span)));
        if (count > before.Length)
        {
            Assert.False(after.Span[before.Length..].ContainsAnyExcept(0), "What growth adds is not zero.");
        }

        long oldSize = (before.Length * 4L + 7) / 8 * 8;
        long newSize = (count * 4L + 7) / 8 * 8;
        Assert.Equal(allocated - oldSize + newSize, owner.Arena.Allocated);
        owner.Expected += newSize - oldSize;
        int index = owner.Live.FindLastIndex(piece => piece.Start == start && piece.Length == before.Length * 4);
        if (index >= 0)
        {
            owner.Live.RemoveAt(index);
        }

        Assert.DoesNotContain(owner.Live, piece => piece.Length > 0 && piece.Start < start + newSize && start < piece.Start + piece.Length);
        Claim(owner, start, newSize);
        after.Span.Fill(BitConverter.ToInt32([++_pattern, _pattern, _pattern, _pattern]));
        owner.Live.Add(new Piece(start, count * 4, _pattern));
        owner.Newest = after;
        owner.HasNewest = true;
    }

    private void Reserve(Owner owner, int size)
    {
        long blocks = _process.FallbackBlocks;
        if (owner.Arena.TryReserve(size))
        {
            Took(owner, owner.Arena.Allocate<byte>(size), alignment: 8, zero: true);
            Assert.Equal(blocks, _process.FallbackBlocks);
        }
    }

    /// <summary>Rewinds to the innermost mark, or skips <paramref name="skipped"/> of them on the way to one further out.</summary>
    private static void Rewind(Owner owner, int skipped)
    {
        while (skipped-- > 0 && owner.Marks.Count > 1)
        {
            owner.Marks.Pop();
        }

        if (!owner.Marks.TryPop(out Marked marked))
        {
            return;
        }

        AssertIntact(owner);
        marked.Mark.Dispose();
        marked.Mark.Dispose();
        owner.Live.RemoveRange(marked.Live, owner.Live.Count - marked.Live);
        owner.Expected = marked.Expected;
        owner.Newest = default;
        owner.HasNewest = false;
        AssertIntact(owner);
    }

    private void Claim(Owner owner, long start, long size)
    {
        long first = (start - _base) / 8;
        if (first < 0 || first >= _owners.Length)
        {
            return; // a fallback block; the written patterns still tell of an overlap
        }

        foreach (ref int granule in _owners.AsSpan((int)first, (int)(size / 8)))
        {
            if (_program.Options.Reclamation == ArenaReclamation.Never)
            {
                Assert.True(granule == 0 || granule == owner.Request, "A byte served two requests.");
            }

            granule = owner.Request;
        }
    }

    private static void End(Owner owner)
    {
        AssertIntact(owner);
        owner.Live.Clear();
        owner.Marks.Clear();
        owner.Expected = 0;
        owner.HasNewest = false;
        owner.Newest = default;
    }

    private static void AssertIntact(Owner owner)
    {
        foreach (Piece piece in owner.Live)
        {
            Assert.False(new Span<byte>((void*)piece.Start, piece.Length).ContainsAnyExcept(piece.Pattern), "Somebody else wrote into an allocation.");
        }
    }

    private Owner Fresh() => new() { Arena = _process.CreateArena(), Request = ++_requests };

    private static long Address(Span<byte> memory) => (long)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));

    private sealed class Owner
    {
        public required Arena Arena { get; init; }

        public int Request { get; set; }

        public long Expected { get; set; }

        public List<Piece> Live { get; } = [];

        public Stack<Marked> Marks { get; } = [];

        public UnsafeSlice<int> Newest { get; set; }

        public bool HasNewest { get; set; }
    }

    private readonly record struct Marked(ArenaMark Mark, long Expected, int Live);

    private readonly record struct Piece(long Start, int Length, byte Pattern);
}
