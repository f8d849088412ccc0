using CsCheck;

namespace OneShot.Tests.Buffers;

/// <summary>
/// Random programs over a queue, two dictionaries and a list of lists in one arena, held against those of the base library: through
/// other allocations, marks, rewinds, resets and a full arena, each shows what was put in or says that it is stale, and says so if
/// and only if its memory was given back.
/// </summary>
public class CollectionModelTests
{
    // Keys that are met again, mostly; sizes around a block of 1024, seldom.
    private static readonly HandlePrograms<Kind> s_programs = new(
        steps: 250,
        programs: 100,
        Gen.Frequency((10, Gen.Int[0, 40]), (2, Gen.Int[200, 300]), (1, Gen.Int[0, 3000])),
        (10, Kind.Enqueue),
        (8, Kind.Dequeue),
        (1, Kind.ReserveQueue),
        (1, Kind.ClearQueue),
        (10, Kind.Set),
        (4, Kind.TryAdd),
        (5, Kind.Remove),
        (1, Kind.ReserveMap),
        (1, Kind.ClearMap),
        (10, Kind.SetName),
        (4, Kind.TryAddName),
        (5, Kind.RemoveName),
        (1, Kind.ReserveNames),
        (1, Kind.ClearNames),
        (3, Kind.AddList),
        (10, Kind.AddItem),
        (2, Kind.AddItems),
        (2, Kind.InsertItem),
        (3, Kind.RemoveItem),
        (1, Kind.RemoveList),
        (1, Kind.Sort),
        (1, Kind.Renew),
        (4, Kind.Allocate),
        (3, Kind.Mark),
        (3, Kind.Rewind),
        (1, Kind.Reset));

    private enum Kind
    {
        Enqueue,
        Dequeue,
        ReserveQueue,
        ClearQueue,
        Set,
        TryAdd,
        Remove,
        ReserveMap,
        ClearMap,
        SetName,
        TryAddName,
        RemoveName,
        ReserveNames,
        ClearNames,
        AddList,
        AddItem,
        AddItems,
        InsertItem,
        RemoveItem,
        RemoveList,
        Sort,
        Renew,
        Allocate,
        Mark,
        Rewind,
        Reset,
    }

    [Theory]
    [InlineData(ArenaReclamation.Never, 64 << 20, ArenaExhaustion.Throw)]
    [InlineData(ArenaReclamation.PerRequest, 64 << 20, ArenaExhaustion.Throw)]
    [InlineData(ArenaReclamation.Generational, 64 << 20, ArenaExhaustion.Throw)]
    [InlineData(ArenaReclamation.Never, 16 << 10, ArenaExhaustion.Fallback)]
    [InlineData(ArenaReclamation.PerRequest, 16 << 10, ArenaExhaustion.Fallback)]
    [InlineData(ArenaReclamation.PerRequest, 16 << 10, ArenaExhaustion.Throw)]
    [InlineData(ArenaReclamation.PerRequest, 16 << 10, ArenaExhaustion.Reject)]
    public void Random_programs_find_what_they_put_in_or_are_told(ArenaReclamation reclamation, int capacity, ArenaExhaustion exhaustion) =>
        s_programs.Sample(new() { Capacity = capacity, BlockSize = HandlePrograms<Kind>.BlockSize, Reclamation = reclamation, Exhaustion = exhaustion }, static arena => new Run(arena));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Random_programs_touch_no_byte_that_the_debug_option_guards(bool guardPages) =>
        s_programs.SampleGuarded(guardPages, static arena => new Run(arena), oneOf: 5);

    private sealed class Run : HandleModel<Kind>
    {
        private readonly Queue<long> _queued = [];
        private readonly Dictionary<long, Guid> _mapped = [];
        private readonly Dictionary<string, int> _named = [];
        private readonly List<List<short>> _listed = [];
        private ArenaQueue<long> _queue;
        private ArenaDictionary<long, Guid> _map;
        private ArenaBytesDictionary<int> _names;
        private ArenaList<UnsafeArenaList<short>> _lists;
        private long _next;

        // Under how many marks each took the memory it has.
        private int _queueDepth;
        private int _mapDepth;
        private int _namesDepth;
        private int _listsDepth;

        public Run(Arena arena) : base(arena) => Renew();

        public override void Step(Kind kind, int size)
        {
            try
            {
                Do(kind, size);
            }
            catch (ArenaExhaustedException) when (Arena.Process.Exhaustion != ArenaExhaustion.Fallback)
            {
                // Each has what it had.
            }

            AssertSame();
        }

        private void Do(Kind kind, int size)
        {
            switch (kind)
            {
                case <= Kind.ClearQueue:
                    int queueCapacity = _queue.Capacity;
                    try
                    {
                        StepQueue(kind, size);
                    }
                    finally
                    {
                        // Also where it grew once, and found no memory the second time.
                        _queueDepth = _queue.Capacity > queueCapacity ? Depth : _queueDepth;
                    }

                    break;
                case <= Kind.ClearMap:
                    int mapCapacity = _map.Capacity;
                    StepMap(kind, KeyOf(size), size);
                    _mapDepth = _map.Capacity > mapCapacity ? Depth : _mapDepth;
                    break;
                case <= Kind.ClearNames:
                    StepNames(kind, size);
                    break;
                case <= Kind.Sort:
                    StepLists(kind, size);
                    break;
                case Kind.Allocate:
                    Arena.Allocate<byte>(size).Fill(0xEE);
                    break;
                case Kind.Mark:
                    Mark();
                    break;
                case Kind.Rewind:
                    Rewind(size % 3);
                    break;
                case Kind.Reset:
                    Reset();
                    break;
                default:
                    Renew();
                    break;
            }
        }

        private void StepQueue(Kind kind, int size)
        {
            switch (kind)
            {
                case Kind.Enqueue:
                    for (int added = 0; added <= size % 4; added++)
                    {
                        _queue.Enqueue(++_next);
                        _queued.Enqueue(_next);
                    }

                    break;
                case Kind.Dequeue:
                    for (int taken = 0; taken <= size % 4; taken++)
                    {
                        Assert.Equal(_queued.TryDequeue(out long expected), _queue.TryDequeue(out long item));
                        Assert.Equal(expected, item);
                    }

                    break;
                case Kind.ReserveQueue:
                    Assert.InRange(_queue.EnsureCapacity(size), size, int.MaxValue);
                    break;
                default:
                    _queue.Clear();
                    _queued.Clear();
                    break;
            }
        }

        private void StepMap(Kind kind, long key, int size)
        {
            var value = new Guid(size, 0, 0, [1, 2, 3, 4, 5, 6, 7, (byte)++_next]);
            switch (kind)
            {
                case Kind.Set:
                    _map.Set(key, value);
                    _mapped[key] = value;
                    break;
                case Kind.TryAdd:
                    bool isNew = !_mapped.ContainsKey(key);
                    Assert.Equal(isNew, _map.TryAdd(key, value));
                    _mapped.TryAdd(key, value);
                    break;
                case Kind.Remove:
                    Assert.Equal(_mapped.Remove(key, out Guid expected), _map.Remove(key, out Guid removed));
                    Assert.Equal(expected, removed);
                    break;
                case Kind.ReserveMap:
                    Assert.InRange(_map.EnsureCapacity(size), size, int.MaxValue);
                    break;
                default:
                    _map.Clear();
                    _mapped.Clear();
                    break;
            }
        }

        private void StepNames(Kind kind, int size)
        {
            byte[] key = NameOf(size);
            string name = Convert.ToHexString(key);
            bool isNew = !_named.ContainsKey(name);
            int capacity = _names.Capacity;
            switch (kind)
            {
                case Kind.SetName:
                    _names.Set(key, size);
                    _named[name] = size;
                    break;
                case Kind.TryAddName:
                    Assert.Equal(isNew, _names.TryAdd(key, size));
                    _named.TryAdd(name, size);
                    break;
                case Kind.RemoveName:
                    Assert.Equal(_named.Remove(name, out int expected), _names.Remove(key, out int removed));
                    Assert.Equal(expected, removed);
                    isNew = false;
                    break;
                case Kind.ReserveNames:
                    Assert.InRange(_names.EnsureCapacity(size), size, int.MaxValue);
                    isNew = _names.Capacity > capacity;
                    break;
                default:
                    _names.Clear();
                    _named.Clear();
                    isNew = false;
                    break;
            }

            // The bytes of a key are memory too.
            _namesDepth = isNew ? Depth : _namesDepth;
        }

        private void StepLists(Kind kind, int size)
        {
            if (kind == Kind.AddList)
            {
                int capacity = _lists.Capacity;
                _lists.Add(default);
                _listed.Add([]);
                _listsDepth = _lists.Capacity > capacity ? Depth : _listsDepth;
                return;
            }

            if (_listed.Count == 0)
            {
                return;
            }

            int index = size % _listed.Count;
            ref UnsafeArenaList<short> list = ref _lists[index];
            List<short> model = _listed[index];
            (bool wasDefault, int before) = (list.IsDefault, list.Capacity);
            try
            {
                StepList(kind, size, index, ref list, model);
            }
            finally
            {
                // Also where it found a place to lie in, and then no memory.
                _listsDepth = kind != Kind.RemoveList && (list.Capacity > before || list.IsDefault != wasDefault) ? Depth : _listsDepth;
            }
        }

        private void StepList(Kind kind, int size, int index, ref UnsafeArenaList<short> list, List<short> model)
        {
            short item = (short)++_next;
            switch (kind)
            {
                case Kind.AddItem:
                    list.Add(Arena, item);
                    model.Add(item);
                    break;
                case Kind.AddItems:
                    short[] items = [.. Enumerable.Range(size, size % 50).Select(number => (short)number)];
                    list.AddRange(Arena, items);
                    model.AddRange(items);
                    break;
                case Kind.InsertItem:
                    list.Insert(Arena, size % (model.Count + 1), item);
                    model.Insert(size % (model.Count + 1), item);
                    break;
                case Kind.RemoveItem when model.Count > 0:
                    list.RemoveAt(size % model.Count);
                    model.RemoveAt(size % model.Count);
                    break;
                case Kind.RemoveList:
                    _lists.RemoveAt(index);
                    _listed.RemoveAt(index);
                    break;
                case Kind.Sort:
                    list.Span.Sort();
                    model.Sort();
                    break;
                default:
                    break;
            }
        }

        private void Rewind(int skipped)
        {
            if (!TryRewind(skipped, out _))
            {
                return;
            }

            bool isStale = false;
            isStale |= IsStale(_queueDepth, () => _queue.Count);
            isStale |= IsStale(_mapDepth, () => _map.Count);
            isStale |= IsStale(_namesDepth, () => _names.Count);
            isStale |= _listsDepth > Depth; // the inner ones do not know it themselves
            if (isStale)
            {
                RenewOrReset();
            }
        }

        private bool IsStale(int depth, Func<object> use)
        {
            bool isStale = depth > Depth;
            Assert.Equal(isStale, Record.Exception(use) is ObjectDisposedException);
            return isStale;
        }

        private void Reset()
        {
            ResetArena();
            Assert.Throws<ObjectDisposedException>(() => _queue.Count);
            Assert.Throws<ObjectDisposedException>(() => _map.Count);
            Assert.Throws<ObjectDisposedException>(() => _names.Count);
            Assert.Throws<ObjectDisposedException>(() => _lists.Count);
            Renew();
        }

        private void RenewOrReset()
        {
            try
            {
                Renew();
            }
            catch (ArenaExhaustedException)
            {
                Reset();
            }
        }

        /// <summary>All or none of them.</summary>
        private void Renew()
        {
            ArenaQueue<long> queue = Arena.CreateQueue<long>();
            ArenaDictionary<long, Guid> map = Arena.CreateDictionary<long, Guid>();
            ArenaBytesDictionary<int> names = Arena.CreateBytesDictionary<int>();
            ArenaList<UnsafeArenaList<short>> lists = Arena.CreateList<UnsafeArenaList<short>>();
            (_queue, _map, _names, _lists) = (queue, map, names, lists);
            _queued.Clear();
            _mapped.Clear();
            _named.Clear();
            _listed.Clear();
            (_queueDepth, _mapDepth, _namesDepth, _listsDepth) = (Depth, Depth, Depth, Depth);
        }

        private void AssertSame()
        {
            Assert.Equal(_queued.Count, _queue.Count);
            Assert.Equal(_mapped.Count, _map.Count);
            Assert.Equal(_named.Count, _names.Count);
            Assert.Equal(_listed.Count, _lists.Count);
            bool isSame = true;
            int place = 0;
            foreach (long expected in _queued)
            {
                isSame &= _queue[place++] == expected;
            }

            place = 0;
            foreach (long item in _queue)
            {
                isSame &= _queue[place++] == item;
            }

            Assert.Equal(_queued.Count, place);
            int met = 0;
            foreach (ArenaDictionary<long, Guid>.Entry entry in _map)
            {
                isSame &= _mapped[entry.Key] == entry.Value && _map[entry.Key] == entry.Value;
                met++;
            }

            foreach (ArenaBytesDictionary<int>.Entry entry in _names)
            {
                isSame &= _named[Convert.ToHexString(entry.Key)] == entry.Value && _names[entry.Key] == entry.Value;
                met++;
            }

            Assert.Equal(_mapped.Count + _named.Count, met);
            _map.AssertValid();
            _names.AssertValid();
            for (int index = 0; index < _listed.Count; index++)
            {
                isSame &= _lists[index].Span.SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_listed[index]));
            }

            Assert.True(isSame, "A collection is not what was put in.");
        }

        // Keys whose own hash codes are the same.
        private static long KeyOf(int size) => (size % 60) * ((1L << 32) + 1);

        // Of every length up to 59, and beginnings of each other.
        private static byte[] NameOf(int size) => [.. Enumerable.Range(0, size % 60).Select(index => (byte)(index * 7))];
    }
}
