using System.Text;

namespace LogParser;

/// <summary>The log as objects: what one writes without an arena.</summary>
internal sealed class HeapParser
{
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<string, List<int>> _byService = [];
    private readonly Dictionary<string, int> _paths = [];
    private readonly Queue<int> _errors = [];

    public void Parse(Stream log)
    {
        var reader = new LineReader(log);
        byte[] unescaped = [];
        while (reader.TryRead(out ReadOnlySpan<byte> line))
        {
            if (unescaped.Length < line.Length)
            {
                unescaped = new byte[line.Length * 2];
            }

            Add(LogLine.Parse(line, unescaped));
        }
    }

    public Summary Summarize()
    {
        double milliseconds = 0;
        int tags = 0;
        long characters = 0;
        var slowest = new List<double>();
        foreach (Entry entry in _entries)
        {
            milliseconds += entry.Milliseconds;
            tags += entry.Tags.Count;
            characters += entry.Level.Length + entry.Service.Length + entry.Method.Length + entry.Path.Length + entry.User.Length + entry.Message.Length;
            slowest.Add(entry.Milliseconds);
        }

        slowest.Sort();
        int busiestPath = 0;
        foreach (KeyValuePair<string, int> path in _paths)
        {
            busiestPath = Math.Max(busiestPath, path.Value);
        }

        int busiestService = 0;
        foreach (KeyValuePair<string, List<int>> service in _byService)
        {
            busiestService = Math.Max(busiestService, service.Value.Count);
        }

        int errors = 0;
        foreach (int index in _errors)
        {
            errors += _entries[index].Status;
        }

        return new Summary(
            _entries.Count, milliseconds, tags, characters, _paths.Count, busiestPath, busiestService, errors, slowest[^Math.Min(slowest.Count, Summary.SlowestShown)], _entries[^1].Time.Ticks);
    }

    private void Add(in LogLine line)
    {
        var entry = new Entry
        {
            Time = line.Time,
            Level = Encoding.UTF8.GetString(line.Level),
            Service = Encoding.UTF8.GetString(line.Service),
            Method = Encoding.UTF8.GetString(line.Method),
            Path = Encoding.UTF8.GetString(line.Path),
            User = Encoding.UTF8.GetString(line.User),
            Message = Encoding.UTF8.GetString(line.Message),
            Status = line.Status,
            Milliseconds = line.Milliseconds,
        };
        ReadOnlySpan<byte> tags = line.Tags;
        while (LogLine.TryReadTag(ref tags, out ReadOnlySpan<byte> tag))
        {
            entry.Tags.Add(Encoding.UTF8.GetString(tag));
        }

        int index = _entries.Count;
        _entries.Add(entry);
        if (!_byService.TryGetValue(entry.Service, out List<int>? ofService))
        {
            _byService.Add(entry.Service, ofService = []);
        }

        ofService.Add(index);
        _paths[entry.Path] = _paths.GetValueOrDefault(entry.Path) + 1;
        if (entry.Status >= 500)
        {
            _errors.Enqueue(index);
            if (_errors.Count > Summary.RecentErrorsKept)
            {
                _errors.Dequeue();
            }
        }
    }

    private sealed class Entry
    {
        public required DateTime Time { get; init; }

        public required string Level { get; init; }

        public required string Service { get; init; }

        public required string Method { get; init; }

        public required string Path { get; init; }

        public required string User { get; init; }

        public required string Message { get; init; }

        public required int Status { get; init; }

        public required double Milliseconds { get; init; }

        public List<string> Tags { get; } = [];
    }
}
