namespace OneShot.Fuzzing.Targets;

/// <summary>How an input arrives: the ends of its pieces. They depend on the input alone, so that a finding shows itself again.</summary>
internal sealed class Splits
{
    /// <summary>Byte by byte is quadratic: longer inputs arrive so only at both ends, in larger steps between.</summary>
    private const int FinePart = 96;

    private readonly List<int> _ends = [];

    /// <summary>All at once.</summary>
    public IReadOnlyList<int> Whole(int length)
    {
        _ends.Clear();
        _ends.Add(length);
        return _ends;
    }

    /// <summary>Byte by byte at both ends, by 13 in the middle of a long input.</summary>
    public IReadOnlyList<int> Fine(int length)
    {
        _ends.Clear();
        for (int end = 0; end < length; end += end < FinePart || length - end < FinePart ? 1 : 13)
        {
            _ends.Add(end);
        }

        _ends.Add(length);
        return _ends;
    }

    /// <summary>Two to about ten pieces, of lengths that the bytes decide.</summary>
    public IReadOnlyList<int> Random(ReadOnlySpan<byte> input)
    {
        _ends.Clear();
        uint state = 2166136261;
        foreach (byte value in input)
        {
            state = (state ^ value) * 16777619;
        }

        int longest = Math.Max(2, input.Length * 2 / (2 + (int)(state % 9)));
        for (int end = 0; end < input.Length;)
        {
            state = (state * 1664525) + 1013904223;
            end = Math.Min(input.Length, end + 1 + (int)((state >> 8) % (uint)longest));
            _ends.Add(end);
        }

        if (_ends.Count == 0)
        {
            _ends.Add(0);
        }

        return _ends;
    }
}
