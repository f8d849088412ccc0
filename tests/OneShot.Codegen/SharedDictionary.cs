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

    private readonly StressRound _round = new();
    private readonly int _seed;
    private long _answers;

    private SharedDictionary(int seed) => _seed = seed;

    /// <summary>One round after the other.</summary>
    /// <returns>What went wrong first; null for nothing.</returns>
    public static string? Run(TimeSpan time, int seed) => StressRound.Repeat(time, seed, static seed => new SharedDictionary(seed).Run());

    private string? Run()
    {
        using ProcessArena process = new(new() { Capacity = 8 << 20, Reclamation = ArenaReclamation.PerRequest });
        using Arena arena = process.CreateArena();
        Span<byte> before = arena.Allocate<byte>(1000);
        ArenaDictionary<int, long> map = arena.CreateDictionary<int, long>(Capacity);
        Span<byte> behind = arena.Allocate<byte>(1000);
        before.Fill(Pattern);
        behind.Fill(Pattern);
        if (!_round.TryRun(Enumerable.Range(0, 4).Select<int, Action>(index => () => Use(map, index))))
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

        return _round.Failure;
    }

    private void Use(ArenaDictionary<int, long> map, int index)
    {
        var random = new Random((_seed * 31) + index);
        while (!_round.IsOver)
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
