using System.Text;

namespace OneShot.Differential.Tests.Generation;

/// <summary>Spoils what others have written, in a few places.</summary>
internal sealed class Mutator(Dice dice, IReadOnlyList<byte[]> seeds)
{
    private const int LongestSeed = 4096;

    /// <summary>One of the seeds, changed.</summary>
    internal byte[] Next()
    {
        List<byte> bytes = [.. dice.Of(seeds).AsSpan()[..]];
        if (bytes.Count > LongestSeed)
        {
            bytes.RemoveRange(LongestSeed, bytes.Count - LongestSeed);
        }

        for (int n = dice.Number(1, 3); n > 0 && bytes.Count > 0; n--)
        {
            Change(bytes);
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        int at = dice.Number(0, bytes.Count - 1);
        switch (dice.Number(0, 9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << dice.Number(0, 7));
                break;
            case 1:
                bytes[at] = (byte)dice.Number(0, 255);
                break;
            case 2:
                bytes.RemoveAt(at);
                break;
            case 3:
                bytes.RemoveRange(at, Math.Min(dice.Number(1, 12), bytes.Count - at));
                break;
            case 4 or 5:
                bytes.InsertRange(at, Encoding.Latin1.GetBytes(dice.Of(Words.Pieces)));
                break;
            case 6:
                bytes.InsertRange(LineStart(bytes, at), Encoding.Latin1.GetBytes(dice.Of(Words.Pieces)));
                break;
            case 7:
                DoubleLine(bytes, at);
                break;
            case 8:
                RemoveLine(bytes, at);
                break;
            default:
                byte[] other = dice.Of(seeds);
                int from = dice.Number(0, other.Length - 1);
                bytes.InsertRange(at, other[from..Math.Min(other.Length, from + dice.Number(1, 40))]);
                break;
        }
    }

    private static void DoubleLine(List<byte> bytes, int at)
    {
        int start = LineStart(bytes, at);
        bytes.InsertRange(start, bytes[start..LineEnd(bytes, at)]);
    }

    private static void RemoveLine(List<byte> bytes, int at)
    {
        int start = LineStart(bytes, at);
        bytes.RemoveRange(start, LineEnd(bytes, at) - start);
    }

    private static int LineStart(List<byte> bytes, int at) => at == 0 ? 0 : bytes.LastIndexOf((byte)'\n', at - 1) + 1;

    private static int LineEnd(List<byte> bytes, int at)
    {
        int end = bytes.IndexOf((byte)'\n', at);
        return end < 0 ? bytes.Count : end + 1;
    }
}
