using OneShot;

namespace LogParser;

/// <summary>The same log in an arena: entries, texts, lists in entries, dictionaries and queue. The GC sees none of it.</summary>
/// <param name="arena">Lasts longer than the parser.</param>
internal sealed class ArenaParser(Arena arena)
{
    private readonly ArenaList<Entry> _entries = arena.CreateList<Entry>();
    private readonly ArenaBytesDictionary<UnsafeArenaList<int>> _byService = arena.CreateBytesDictionary<UnsafeArenaList<int>>();
    private readonly ArenaBytesDictionary<int> _paths = arena.CreateBytesDictionary<int>();
    private readonly ArenaQueue<int> _errors = arena.CreateQueue<int>(Summary.RecentErrorsKept + 1);

    public void Parse(Stream log)
    {
        var reader = new LineReader(log);
        UnsafeSlice<byte> unescaped = default;
        while (reader.TryRead(out ReadOnlySpan<byte> line))
        {
            if (unescaped.Length < line.Length)
            {
                arena.TryReturn(ref unescaped);
                unescaped = arena.AllocateUnsafe<byte>(line.Length * 2);
            }

            Add(LogLine.Parse(line, unescaped.Span));
        }
    }

    public Summary Summarize()
    {
        double milliseconds = 0;
        int tags = 0;
        long characters = 0;
        UnsafeSlice<double> slowest = arena.AllocateUnsafe<double>(_entries.Count);
        Span<double> times = slowest.Span;
        int index = 0;
        foreach (ref Entry entry in _entries)
        {
            milliseconds += entry.Milliseconds;
            tags += entry.Tags.Count;
            characters += entry.Level.Length + entry.Service.Length + entry.Method.Length + entry.Path.Length + entry.User.Length + entry.Message.Length;
            times[index++] = entry.Milliseconds;
        }

        times.Sort();
        double slow = times[^Math.Min(times.Length, Summary.SlowestShown)];
        arena.TryReturn(ref slowest);
        int busiestPath = 0;
        foreach (ArenaBytesDictionary<int>.Entry path in _paths)
        {
            busiestPath = Math.Max(busiestPath, path.Value);
        }

        int busiestService = 0;
        foreach (ArenaBytesDictionary<UnsafeArenaList<int>>.Entry service in _byService)
        {
            busiestService = Math.Max(busiestService, service.Value.Count);
        }

        int errors = 0;
        foreach (int error in _errors)
        {
            errors += _entries[error].Status;
        }

        return new Summary(
            _entries.Count, milliseconds, tags, characters, _paths.Count, busiestPath, busiestService, errors, slow, _entries[_entries.Count - 1].Time.Ticks);
    }

    private void Add(in LogLine line)
    {
        var entry = new Entry
        {
            Time = line.Time,
            Level = Copy(line.Level),
            Service = Copy(line.Service),
            Method = Copy(line.Method),
            Path = Copy(line.Path),
            User = Copy(line.User),
            Message = Copy(line.Message),
            Status = line.Status,
            Milliseconds = line.Milliseconds,
        };
        ReadOnlySpan<byte> tags = line.Tags;
        while (LogLine.TryReadTag(ref tags, out ReadOnlySpan<byte> tag))
        {
            entry.Tags.Add(arena, Copy(tag));
        }

        int index = _entries.Count;
        _entries.Add(entry);
        _byService.GetOrAdd(line.Service, out _).Add(arena, index);
        _paths.GetOrAdd(line.Path, out _)++;
        if (entry.Status >= 500)
        {
            _errors.Enqueue(index);
            if (_errors.Count > Summary.RecentErrorsKept)
            {
                _errors.Dequeue();
            }
        }
    }

    private UnsafeSlice<byte> Copy(ReadOnlySpan<byte> text)
    {
        UnsafeSlice<byte> copy = arena.AllocateUnsafe<byte>(text.Length);
        text.CopyTo(copy.Span);
        return copy;
    }

    private struct Entry
    {
        public DateTime Time;
        public UnsafeSlice<byte> Level;
        public UnsafeSlice<byte> Service;
        public UnsafeSlice<byte> Method;
        public UnsafeSlice<byte> Path;
        public UnsafeSlice<byte> User;
        public UnsafeSlice<byte> Message;
        public UnsafeArenaList<UnsafeSlice<byte>> Tags;
        public double Milliseconds;
        public int Status;
    }
}
