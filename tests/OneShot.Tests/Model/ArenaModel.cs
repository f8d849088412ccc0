using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OneShot.Tests.Model;

/// <summary>
/// Runs a program and holds every answer against what a simple bookkeeper knows: which granule of 8 bytes was handed to
/// whom, what was written there, and how many bytes each arena says it has handed out.
/// </summary>
internal sealed unsafe partial class ArenaModel : IDisposable
{
    private readonly ArenaProgram _program;
    private readonly ProcessArena _process;
    private readonly long _base;
    private readonly int[] _owners = [];
    private readonly Owner[] _arenas;
    private int _requests;
    private byte _pattern;
    private bool _hasFailed;

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

    public static void Run(ArenaProgram program) => Run(program, failAfter: 0);

    /// <summary>Runs it to its end, though the <paramref name="failAfter"/>-th operation that can fail does so; 0 for none.</summary>
    /// <returns>Whether there were as many.</returns>
    public static bool Run(ArenaProgram program, long failAfter)
    {
        using var model = new ArenaModel(program);
        FaultInjection.FailAfter(failAfter);
        try
        {
            foreach (Operation operation in program.Operations)
            {
                model.Step(operation);
            }
        }
        finally
        {
            model._hasFailed = FaultInjection.Stop();
        }

        return model._hasFailed;
    }

    public void Dispose()
    {
        foreach (Owner owner in _arenas)
        {
            End(owner);
            owner.Arena.Dispose();
        }

        while (_pins.Count > 0)
        {
            Unpin(_pins.Count - 1);
        }

        Assert.Empty(_broken);
        Assert.Equal(_registered, _ran);
        Assert.True(_process.Statistics.DetainedBytes == 0 || _hasFailed);

        // What could not be given back is lost, and stays in what is used.
        if (_program.Options.Reclamation == ArenaReclamation.PerRequest && !_hasFailed)
        {
            Assert.Equal(0, _process.Used);
        }

        ArenaStatistics statistics = _process.Statistics;
        Assert.InRange(statistics.GenerationsOpened - statistics.GenerationsRetired, 0, _hasFailed ? long.MaxValue : 1);
        Assert.InRange(statistics.Used, 0, statistics.Capacity);
        Assert.Equal(0, statistics.Arenas);
        _process.Dispose();
    }

    private void Step(Operation operation)
    {
        Owner owner = _arenas[operation.Arena];
        bool hadFailed = FaultInjection.HasFailed;
        try
        {
            Do(operation, owner);
        }
        catch (ArenaExhaustedException) when (_program.Options.Exhaustion == ArenaExhaustion.Throw)
        {
            Assert.True(operation.Size > 0 || operation.Kind == OperationKind.New);
        }
        catch (Exception failure) when (FaultInjection.HasFailed && !hadFailed && IsInjected(failure))
        {
            AssertIntact(owner);
            owner.HasNewest = false;
        }

        owner = _arenas[operation.Arena];
        if (owner.Arena.IsAbandoned)
        {
            // Where pinned memory's block could not be noted: a pool drops such an arena.
            Assert.True(FaultInjection.HasFailed && !hadFailed);
            End(owner);
            owner.Arena.Reset();
            owner.Arena.Dispose();
            owner = _arenas[operation.Arena] = Fresh();
        }

        if (FaultInjection.HasFailed)
        {
            owner.Expected = owner.Arena.Allocated;
        }

        Assert.Equal(owner.Expected, owner.Arena.Allocated);
        owner.Arena.AssertValid();
        _process.AssertValid();
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
                owner.Returnable.Add(slice);
                break;
            case OperationKind.Resize:
                Resize(owner, size / 4);
                break;
            case OperationKind.Return:
                Return(owner, size);
                break;
            case OperationKind.AllocateForRequest:
                AllocateForRequest(owner, size);
                break;
            case OperationKind.Pin:
                Pin(owner, size);
                break;
            case OperationKind.Unpin:
                if (_pins.Count > 0)
                {
                    Unpin(size % _pins.Count);
                }

                break;
            case OperationKind.OnReset:
                OnReset(owner, size);
                break;
            case OperationKind.Reserve:
                Reserve(owner, size);
                break;
            case OperationKind.Mark:
                owner.Marks.Push(new Marked(arena.Mark(), owner.Expected, owner.Live.Count, owner.ForRequest));
                owner.Newest = default;
                owner.HasNewest = false;
                break;
            case OperationKind.Rewind:
                Rewind(owner, size % 3);
                break;
            case OperationKind.Reset:
                End(owner);
                owner.Request = ++_requests;
                arena.Reset();
                break;
            case OperationKind.Dispose:
                End(owner);
                _arenas[operation.Arena] = Fresh();
                arena.Dispose();
                break;
            default:
                throw new InvalidOperationException($"The model does not know {operation.Kind}.");
        }
    }

    private void Took(Owner owner, Span<byte> memory, int alignment, bool zero) => owner.Live.Add(Took(owner, memory, alignment, zero, owner.Request));

    private Piece Took(Owner owner, Span<byte> memory, int alignment, bool zero, int request)
    {
        long start = Address(memory);
        Assert.Equal(0, start % (alignment == 8 && _program.Options.GuardPages ? 1 : alignment));
        Assert.True(!zero || !memory.ContainsAnyExcept((byte)0), "Memory was handed out that is not zero.");
        long grown = owner.Arena.Allocated - owner.Expected;
        long rounded = (memory.Length + 7) / 8 * 8;
        Assert.InRange(grown, rounded, rounded + alignment - 8);
        owner.Expected += grown;
        owner.HasNewest = false;
        Claim(request, start, rounded);
        memory.Fill(++_pattern);
        return new Piece(start, memory.Length, _pattern);
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
        Claim(owner.Request, start, newSize);
        after.Span.Fill(BitConverter.ToInt32([++_pattern, _pattern, _pattern, _pattern]));
        owner.Live.Add(new Piece(start, count * 4, _pattern));
        owner.Newest = after;
        owner.HasNewest = true;
        owner.Returnable.RemoveAll(slice => IsSame(slice, before));
        owner.Returnable.Add(after);
    }

    /// <summary>Gives any piece back: the newest one of its block and a large one go, unless a mark was taken since.</summary>
    private static void Return(Owner owner, int choice)
    {
        if (owner.Returnable.Count == 0)
        {
            return;
        }

        UnsafeSlice<int> piece = owner.Returnable[choice % owner.Returnable.Count];
        UnsafeSlice<int> returned = piece;
        int live = owner.Live.FindLastIndex(other => IsOf(piece, other));
        if (!owner.Arena.TryReturn(ref returned))
        {
            Assert.True(IsSame(piece, returned));
            return;
        }

        Assert.True(returned.IsDefault);
        Assert.True(piece.IsEmpty || owner.Marks.Count == 0 || live >= owner.Marks.Peek().Live, "What a mark has seen stays.");
        owner.Expected -= (piece.Length * 4L + 7) / 8 * 8;
        owner.Live[live] = owner.Live[live] with { Length = 0 };
        owner.Returnable.RemoveAll(slice => IsSame(slice, piece));
        if (IsSame(piece, owner.Newest))
        {
            owner.Newest = default;
            owner.HasNewest = false;
        }
    }

    private static bool IsSame(UnsafeSlice<int> left, UnsafeSlice<int> right) => left.Length == right.Length && Address(left) == Address(right);

    private static bool IsOf(UnsafeSlice<int> slice, Piece piece) => piece.Start == Address(slice) && piece.Length == slice.Length * 4;

    private static long Address(UnsafeSlice<int> slice) => Address(MemoryMarshal.AsBytes(slice.Span));

    private void Reserve(Owner owner, int size)
    {
        long blocks = _process.FallbackBlocks;
        if (owner.Arena.TryReserve(size))
        {
            Took(owner, owner.Arena.Allocate<byte>(size), alignment: 8, zero: true);
            Assert.True(blocks == _process.FallbackBlocks || FaultInjection.HasFailed);
        }
    }

    /// <summary>Rewinds to the innermost mark, or skips <paramref name="skipped"/> of them on the way to one further out.</summary>
    private void Rewind(Owner owner, int skipped)
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
        bool isPinned = _pins.Exists(pin => pin.Arena == owner.Arena && pin.IsSince(marked.Live));
        owner.Live.RemoveRange(marked.Live, owner.Live.Count - marked.Live);
        owner.Returnable.RemoveAll(slice => !owner.Live.Exists(piece => IsOf(slice, piece)));
        owner.Newest = default;
        owner.HasNewest = false;
        long allocated = marked.Expected + owner.ForRequest - marked.ForRequest;
        owner.Rewinds++;
        marked.Mark.Dispose();
        marked.Mark.Dispose();
        Assert.True(owner.Arena.Allocated == allocated || (isPinned && owner.Arena.Allocated > allocated) || FaultInjection.HasFailed);
        owner.Expected = owner.Arena.Allocated;
        AssertIntact(owner);
    }

    private void Claim(int request, long start, long size)
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
                Assert.True(granule == 0 || granule == request, "A byte served two requests.");
            }

            granule = request;
        }
    }

    private static void End(Owner owner)
    {
        AssertIntact(owner);
        owner.Live.Clear();
        owner.Kept.Clear();
        owner.Marks.Clear();
        owner.Expected = 0;
        owner.ForRequest = 0;
        owner.HasNewest = false;
        owner.Newest = default;
        owner.Returnable.Clear();
    }

    private static void AssertIntact(Owner owner)
    {
        foreach (Piece piece in owner.Live.Concat(owner.Kept))
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

        /// <summary>What no mark takes back.</summary>
        public List<Piece> Kept { get; } = [];

        public long ForRequest { get; set; }

        public int Rewinds { get; set; }

        public Stack<Marked> Marks { get; } = [];

        public UnsafeSlice<int> Newest { get; set; }

        public bool HasNewest { get; set; }

        /// <summary>What can be tried to be given back early: all of it is alive.</summary>
        public List<UnsafeSlice<int>> Returnable { get; } = [];
    }

    private readonly record struct Marked(ArenaMark Mark, long Expected, int Live, long ForRequest);

    private readonly record struct Piece(long Start, int Length, byte Pattern);
}
