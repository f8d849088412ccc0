namespace OneShot.AspNetCore.Restart;

/// <summary>The last readings of a fill, at least <paramref name="spacing"/> apart, and how fast it rose over them.</summary>
/// <remarks>
/// The rate is the median of the rates over all spans a quarter of the window long. One burst lies in a third of these spans
/// at most and moves the median little, while a least-squares line or a first-to-last difference takes it for a trend. Spans of
/// several readings, because memory is taken block by block: between most two readings of a quiet process nothing happens.
/// </remarks>
internal sealed class FillWindow(TimeSpan spacing)
{
    private const int Size = 32;
    private const int Least = 4;

    private readonly (TimeSpan At, long Used)[] _readings = new (TimeSpan, long)[Size];
    private readonly double[] _rates = new double[Size];
    private int _count;
    private int _next;

    public bool IsFull => _count == Size;

    /// <summary>Takes a reading, unless it comes too soon after the one before.</summary>
    public bool TryAdd(TimeSpan at, long used)
    {
        if (_count > 0 && at - _readings[(_next + Size - 1) % Size].At < spacing)
        {
            return false;
        }

        _readings[_next] = (at, used);
        _next = (_next + 1) % Size;
        _count = Math.Min(_count + 1, Size);
        return true;
    }

    /// <summary>Bytes a second; 0 when the fill does not rise, or not for certain.</summary>
    public double Rate()
    {
        if (_count < Least)
        {
            return 0;
        }

        int span = _count / 4;
        Span<double> rates = _rates.AsSpan(0, _count - span);
        for (int i = 0; i < rates.Length; i++)
        {
            (TimeSpan from, long before) = Reading(i);
            (TimeSpan to, long after) = Reading(i + span);
            rates[i] = (after - before) / (to - from).TotalSeconds;
        }

        rates.Sort();

        // A fill that comes and goes with the load falls as often as it rises: no trend, whatever its median says.
        return rates[rates.Length / 4] < 0 ? 0 : rates[rates.Length / 2];
    }

    private (TimeSpan At, long Used) Reading(int index) => _readings[(_next + Size - _count + index) % Size];
}
