using System.Diagnostics;
using System.Globalization;

namespace OneShot.Codegen;

/// <summary>
/// Dictionaries of one arena that four threads use at once, against the rules, within the room that they have. Nobody walks for ever, what is thrown says what is wrong, and no
/// byte beside them changes.
/// </summary>
internal sealed class SharedDictionary
{
    private const int Capacity = 256;
    private const int Keys = 30;
    private const byte Pattern = 0x5A;

    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly List<Exception> _failures = [];
    private readonly int _seed;
    private long _answers;
    private bool _isOver;

    private SharedDictionary(int seed) => _seed = seed;

    /// <summary>One round after the other.</summary>
    /// <returns>What went wrong first; null for nothing.</returns>
    public static string? Run(TimeSpan time, int seed)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time; seed++)
        {
            if (new SharedDictionary(seed).Run() is { } failure)
            {
                return string.Create(CultureInfo.InvariantCulture, $"Seed {seed}: {failure}");
            }
        }

        return null;
    }

    private string? Run()
    {
        using ProcessArena process = new(new() { Capacity = 8 << 20, Reclamation = ArenaReclamation.PerRequest });
        using Arena arena = process.CreateArena();
        Span<byte> before = arena.Allocate<byte>(1000);
        ArenaDictionary<int, long> map = arena.CreateDictionary<int, long>(Capacity);
        Span<byte> behind = arena.Allocate<byte>(1000);
        before.Fill(Pattern);
        behind.Fill(Pattern);
        List<Thread> threads = [.. Enumerable.Range(0, 4).Select(index => new Thread(() => Guard(() => Use(map, index))) { IsBackground = true })];
        threads.ForEach(thread => thread.Start());
        Thread.Sleep(s_round);
        Volatile.Write(ref _isOver, true);
        if (!threads.TrueForAll(thread => thread.Join(s_patience)))
        {
            return "A thread does not come back.";
        }

        if (before.ContainsAnyExcept(Pattern) || behind.ContainsAnyExcept(Pattern))
        {
            return "Bytes beside the dictionary have changed.";
        }

        if (_answers == 0)
        {
            return "Nothing was answered.";
        }

        return _failures.Count == 0 ? null : string.Join(Environment.NewLine, _failures);
    }

    private void Guard(Action body)
    {
        try
        {
            body();
        }
        catch (Exception failure)
        {
            lock (_failures)
            {
                _failures.Add(failure);
            }
        }
    }

    private void Use(ArenaDictionary<int, long> map, int index)
    {
        var random = new Random((_seed * 31) + index);
        while (!Volatile.Read(ref _isOver))
        {
            try
            {
                Act(map, random);
                Interlocked.Increment(ref _answers);
            }
            catch (InvalidOperationException)
            {
                // Whoever shares a dictionary must expect that.
            }
        }
    }

    private static void Act(ArenaDictionary<int, long> map, Random random)
    {
        int key = random.Next(Keys);
        switch (random.Next(40))
        {
            case < 16:
                if (map.Count < Capacity / 2)
                {
                    map.Set(key, -1);
                }

                break;
            case < 28: map.Remove(key); break;
            case < 39: map.TryGetValue(key, out _); break;
            default: map.Clear(); break;
        }
    }
}
