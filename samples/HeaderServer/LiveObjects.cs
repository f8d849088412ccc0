using System.Globalization;

namespace HeaderServer;

/// <summary>
/// <c>OneShot:LiveObjects</c>: MiB of small objects that stay on the GC's heap, as a cache holds them, so that marking them takes its time. Every
/// request replaces one of them, the oldest first. For measuring pauses.
/// </summary>
/// <remarks>Any thread may replace.</remarks>
internal sealed class LiveObjects
{
    private const string Key = "OneShot:LiveObjects";
    private const int Most = 1 << 16;

    /// <summary>Of a value; with its key, its entry and its place in the table, about 220 bytes in three objects.</summary>
    private const int ValueBytes = 96;

    /// <summary>The table comes in parts of 8 KiB: one array of all entries would be a large object.</summary>
    private const int PartLength = 1024;

    private readonly Entry[][] _parts;
    private long _next;

    private LiveObjects(Entry[][] parts) => _parts = parts;

    /// <returns>MiB; 0 for none.</returns>
    public static int Read(IConfiguration configuration) => NumberSetting.Read(configuration, Key, "MiB", Most);

    /// <summary>
    /// Allocates until this thread has allocated that much, and collects twice: afterwards they are in generation 2, as in a process that
    /// has run for a while.
    /// </summary>
    public static LiveObjects Create(int mebibytes)
    {
        long end = GC.GetAllocatedBytesForCurrentThread() + ((long)mebibytes << 20);
        List<Entry[]> parts = [];
        do
        {
            Entry[] part = new Entry[PartLength];
            for (int i = 0; i < part.Length; i++)
            {
                part[i] = Entry.Create(((long)parts.Count * PartLength) + i, NeighbourOf(part, i));
            }

            parts.Add(part);
        }
        while (GC.GetAllocatedBytesForCurrentThread() < end);

        LiveObjects objects = new([.. parts]);
        GC.Collect();
        GC.Collect();
        return objects;
    }

    public RequestDelegate ReplaceOne(RequestDelegate next) => context =>
    {
        long number = Interlocked.Increment(ref _next) - 1;
        Entry[] part = _parts[number / PartLength % _parts.Length];
        int place = (int)(number % PartLength);
        part[place] = Entry.Create(number, NeighbourOf(part, place));
        return next(context);
    };

    /// <summary>Every second one refers to the one before it, which refers to none: a longer chain would keep alive what was replaced.</summary>
    private static Entry? NeighbourOf(Entry[] part, int place) => place % 2 == 1 ? part[place - 1] : null;

    private sealed class Entry(string key, byte[] value, Entry? neighbour)
    {
        public string Key { get; } = key;

        public byte[] Value { get; } = value;

        public Entry? Neighbour { get; } = neighbour;

        public static Entry Create(long number, Entry? neighbour) =>
            new(number.ToString("x16", CultureInfo.InvariantCulture), new byte[ValueBytes], neighbour);
    }
}
