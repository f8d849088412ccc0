using System.Text;

namespace OneShot.Fuzzing.Mutation;

/// <summary>Makes inputs nobody has thought of from those that somebody has. The same seed makes the same ones.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<string> words)
{
    /// <summary>Inputs grow by what is put in; longer ones only make the search slower.</summary>
    private const int LongestMade = 2048;

    private readonly Random _random = new(seed);
    private readonly byte[][] _words = [.. words.Select(Encoding.Latin1.GetBytes)];
    private readonly List<byte> _bytes = [];

    /// <summary>A few changes to one of the inputs.</summary>
    public byte[] Next(IReadOnlyList<byte[]> inputs)
    {
        _bytes.Clear();
        _bytes.AddRange(Pick(inputs));
        for (int changes = 1 << _random.Next(4); changes > 0; changes--)
        {
            Change(inputs);
        }

        return [.. _bytes.Take(LongestMade)];
    }

    private void Change(IReadOnlyList<byte[]> inputs)
    {
        int at = _random.Next(_bytes.Count + 1);
        switch (_random.Next(10))
        {
            case 0 when at < _bytes.Count:
                _bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < _bytes.Count:
                _bytes[at] = (byte)_random.Next(256);
                break;
            case 2 when at < _bytes.Count:
                _bytes[at] += (byte)(_random.Next(2) == 0 ? 1 : 255);
                break;
            case 3:
                _bytes.RemoveRange(at, Math.Min(_bytes.Count - at, 1 + Small()));
                break;
            case 4:
                _bytes.InsertRange(at, Enumerable.Repeat((byte)_random.Next(256), 1 + Small()));
                break;
            case 5:
                Overwrite(at, Pick(_words));
                break;
            case 6:
                CopyWithin(at);
                break;
            case 7 when _random.Next(4) == 0:
                SpliceWith(Pick(inputs), at);
                break;
            default:
                _bytes.InsertRange(at, Pick(_words));
                break;
        }
    }

    private void Overwrite(int at, byte[] word)
    {
        for (int i = 0; i < word.Length && at + i < _bytes.Count; i++)
        {
            _bytes[at + i] = word[i];
        }
    }

    private void CopyWithin(int at)
    {
        int from = _random.Next(_bytes.Count + 1);
        int length = Math.Min(_bytes.Count - from, 1 + Small());
        _bytes.InsertRange(at, _bytes.GetRange(from, length));
    }

    private void SpliceWith(byte[] other, int at)
    {
        _bytes.RemoveRange(at, _bytes.Count - at);
        _bytes.AddRange(other.AsSpan(_random.Next(other.Length + 1)));
    }

    /// <summary>Mostly a few, now and then as many as vectors are long.</summary>
    private int Small() => _random.Next(_random.Next(4) == 0 ? 80 : 8);

    private T Pick<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];
}
