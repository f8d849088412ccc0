using System.Runtime.InteropServices;

namespace OneShot.Fuzzing.Targets;

/// <summary>Everything that was said about an input, as numbers: two transcripts are compared without making a string of either.</summary>
internal sealed class Transcript
{
    private readonly List<long> _words = [];

    public void Clear() => _words.Clear();

    public void Add(long word) => _words.Add(word);

    public void Add(ReadOnlySpan<byte> bytes)
    {
        _words.Add(bytes.Length);
        foreach (byte value in bytes)
        {
            _words.Add(value);
        }
    }

    /// <exception cref="Violation">The two differ; the message says from which word on.</exception>
    public void MustEqual(Transcript other, string promise)
    {
        ReadOnlySpan<long> mine = CollectionsMarshal.AsSpan(_words);
        ReadOnlySpan<long> others = CollectionsMarshal.AsSpan(other._words);
        if (!mine.SequenceEqual(others))
        {
            int at = mine.CommonPrefixLength(others);
            throw new Violation($"{promise}: [{Around(mine, at)}], but [{Around(others, at)}], at word {at}.");
        }
    }

    private static string Around(ReadOnlySpan<long> words, int at) => string.Join(' ', words[Math.Max(0, at - 4)..Math.Min(words.Length, at + 12)].ToArray());
}
