using CsCheck;

namespace OneShot.Tests.Buffers;

/// <summary>
/// Random programs over a writer, a list and pieces of memory in one arena, held against a <see cref="MemoryStream"/>, a
/// <see cref="List{T}"/> and arrays: through other allocations, marks, rewinds and resets, a handle shows what was
/// written or says that it is stale, and says so if and only if its memory was given back.
/// </summary>
public class BufferModelTests
{
    // Mostly small, sometimes around a block of 1024, seldom several.
    private static readonly HandlePrograms<Kind> s_programs = new(
        steps: 200,
        programs: 500,
        Gen.Frequency((10, Gen.Int[0, 60]), (2, Gen.Int[200, 300]), (2, Gen.Int[900, 1100]), (1, Gen.Int[0, 5000])),
        (8, Kind.Write),
        (4, Kind.GetSpan),
        (4, Kind.GetMemory),
        (1, Kind.ResetWrittenCount),
        (1, Kind.ResetWriter),
        (2, Kind.TrimWriter),
        (8, Kind.Add),
        (3, Kind.AddRange),
        (3, Kind.Insert),
        (3, Kind.RemoveAt),
        (1, Kind.ClearList),
        (1, Kind.EnsureCapacity),
        (2, Kind.TrimList),
        (1, Kind.NewList),
        (4, Kind.AllocateMemory),
        (4, Kind.Allocate),
        (3, Kind.Mark),
        (3, Kind.Rewind),
        (1, Kind.Reset));

    private enum Kind
    {
        Write,
        GetSpan,
        GetMemory,
        ResetWrittenCount,
        ResetWriter,
        TrimWriter,
        Add,
        AddRange,
        Insert,
        RemoveAt,
        ClearList,
        EnsureCapacity,
        TrimList,
        NewList,
        AllocateMemory,
        Allocate,
        Mark,
        Rewind,
        Reset,
    }

    [Theory]
    [InlineData(ArenaReclamation.Never, 64 << 20)]
    [InlineData(ArenaReclamation.PerRequest, 64 << 20)]
    [InlineData(ArenaReclamation.Generational, 64 << 20)]
    [InlineData(ArenaReclamation.Never, 16 << 10)]
    [InlineData(ArenaReclamation.PerRequest, 16 << 10)]
    public void Random_programs_read_what_they_wrote_or_are_told(ArenaReclamation reclamation, int capacity) =>
        s_programs.Sample(new() { Capacity = capacity, BlockSize = HandlePrograms<Kind>.BlockSize, Reclamation = reclamation }, static arena => new Run(arena));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Random_programs_touch_no_byte_that_the_debug_option_guards(bool guardPages) =>
        s_programs.SampleGuarded(guardPages, static arena => new Run(arena), oneOf: 20);

    private sealed class Run : HandleModel<Kind>
    {
        private readonly ArenaBufferWriter _writer;
        private readonly MemoryStream _written = new();
        private readonly List<int> _items = [];
        private readonly List<Piece> _pieces = [];
        private ArenaList<int> _list;
        private byte _next;

        // Under how many marks each took the memory it has.
        private int _writerDepth;
        private int _listDepth;

        public Run(Arena arena) : base(arena)
        {
            _writer = arena.CreateWriter(16);
            _list = arena.CreateList<int>();
        }

        public override void Dispose()
        {
            _written.Dispose();
            base.Dispose();
        }

        public override void Step(Kind kind, int size)
        {
            int writerCapacity = _writer.Capacity;
            int listCapacity = _list.Capacity;
            switch (kind)
            {
                case Kind.Write:
                    byte[] bytes = [.. Enumerable.Range(0, size).Select(_ => ++_next)];
                    _writer.Write(bytes);
                    _written.Write(bytes);
                    break;
                case Kind.GetSpan:
                    Fill(_writer.GetSpan(size), size);
                    break;
                case Kind.GetMemory:
                    Fill(_writer.GetMemory(size).Span, size);
                    break;
                case Kind.ResetWrittenCount:
                    _writer.ResetWrittenCount();
                    _written.SetLength(0);
                    break;
                case Kind.ResetWriter:
                    ResetWriter();
                    break;
                case Kind.TrimWriter:
                    _writer.TrimExcess();
                    break;
                case Kind.Mark:
                    Mark(_pieces.Count);
                    break;
                case Kind.Rewind:
                    Rewind(size % 3);
                    break;
                case Kind.Reset:
                    Reset();
                    break;
                case Kind.AllocateMemory:
                    Allocate(size);
                    break;
                case Kind.Allocate:
                    Arena.Allocate<byte>(size % 100).Fill(0xEE);
                    break;
                default:
                    StepList(kind, size);
                    break;
            }

            // Capacity grows in place or in a copy, but always by taking memory under the marks there are now.
            _writerDepth = _writer.Capacity > writerCapacity ? Depth : _writerDepth;
            _listDepth = _list.Capacity > listCapacity ? Depth : _listDepth;
            AssertSame();
        }

        private void StepList(Kind kind, int size)
        {
            switch (kind)
            {
                case Kind.Add:
                    _list.Add(size);
                    _items.Add(size);
                    break;
                case Kind.AddRange:
                    int[] items = [.. Enumerable.Range(size, size % 100)];
                    _list.AddRange(items);
                    _items.AddRange(items);
                    break;
                case Kind.Insert:
                    int before = size % (_items.Count + 1);
                    _list.Insert(before, size);
                    _items.Insert(before, size);
                    break;
                case Kind.RemoveAt when _items.Count > 0:
                    _list.RemoveAt(size % _items.Count);
                    _items.RemoveAt(size % _items.Count);
                    break;
                case Kind.ClearList:
                    _list.Clear();
                    _items.Clear();
                    break;
                case Kind.EnsureCapacity:
                    Assert.InRange(_list.EnsureCapacity(size), size, int.MaxValue);
                    break;
                case Kind.TrimList:
                    _list.TrimExcess();
                    break;
                case Kind.NewList:
                    NewList();
                    break;
                default:
                    break;
            }
        }

        private void Fill(Span<byte> room, int size)
        {
            Assert.True(room.Length >= Math.Max(1, size));
            for (int index = 0; index < size; index++)
            {
                room[index] = ++_next;
                _written.WriteByte(_next);
            }

            _writer.Advance(size);
        }

        private void Allocate(int size)
        {
            Memory<byte> memory = Arena.AllocateMemory(size);
            Assert.False(memory.Span.ContainsAnyExcept((byte)0));
            memory.Span.Fill(++_next);
            int start = size / 3;
            _pieces.Add(new Piece(memory[start..], size - start, _next));
        }

        private void Rewind(int skipped)
        {
            if (!TryRewind(skipped, out int pieces))
            {
                return;
            }

            DropPieces(pieces);
            if (_writerDepth > Depth)
            {
                Assert.Throws<ObjectDisposedException>(() => _writer.WrittenCount);
                ResetWriter();
            }

            if (_listDepth > Depth)
            {
                Assert.Throws<ObjectDisposedException>(() => _list.Count);
                NewList();
            }
        }

        private void Reset()
        {
            ReadOnlyMemory<byte> written = _writer.WrittenMemory;
            ResetArena();
            DropPieces(0);
            Assert.Throws<ObjectDisposedException>(() => _writer.WrittenCount);
            Assert.Throws<ObjectDisposedException>(() => _list.Count);
            Assert.True(written.IsEmpty || IsStale(written));
            ResetWriter();
            NewList();
        }

        private void ResetWriter()
        {
            _writer.Reset();
            _written.SetLength(0);
            _writerDepth = Depth;
        }

        private void NewList()
        {
            _list = Arena.CreateList<int>();
            _items.Clear();
            _listDepth = Depth;
        }

        private void DropPieces(int from)
        {
            foreach (Piece piece in _pieces.Skip(from))
            {
                Assert.True(piece.Memory.IsEmpty || IsStale(piece.Memory));
            }

            _pieces.RemoveRange(from, _pieces.Count - from);
        }

        private void AssertSame()
        {
            Assert.Equal(_written.Length, _writer.WrittenCount);
            Assert.True(_writer.WrittenSpan.SequenceEqual(_written.GetBuffer().AsSpan(0, (int)_written.Length)));
            Assert.True(_writer.WrittenMemory.Span.SequenceEqual(_writer.WrittenSpan));
            Assert.Equal(_items.Count, _list.Count);
            Assert.True(_list.Span.SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_items)));
            foreach (Piece piece in _pieces)
            {
                Assert.Equal(piece.Length, piece.Memory.Length);
                Assert.False(piece.Memory.Span.ContainsAnyExcept(piece.Pattern));
            }
        }

        private bool IsStale(ReadOnlyMemory<byte> memory)
        {
            long uses = Arena.Process.Statistics.StaleUses;
            try
            {
                _ = memory.Span.Length;
            }
            catch (ObjectDisposedException)
            {
                Assert.True(Arena.Process.Debug);
            }

            return Arena.Process.Statistics.StaleUses == uses + 1;
        }

        private readonly record struct Piece(Memory<byte> Memory, int Length, byte Pattern);
    }
}
