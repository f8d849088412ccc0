namespace OneShot.Differential.Tests.Generation;

/// <summary>A seeded source of choices: the same seed, the same requests, on every run.</summary>
internal sealed class Dice(int seed)
{
    private readonly Random _random = new(seed);

    internal Random Random => _random;

    internal T Of<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    internal int Number(int least, int most) => _random.Next(least, most + 1);

    /// <summary>True so many times in a thousand.</summary>
    internal bool Chance(int perMille) => _random.Next(1000) < perMille;
}
