namespace OneShot.AspNetCore.Restart;

/// <summary>
/// How often memory was not to be had from the process arena in the last minute or so: allocations that were refused, or went to
/// the GC's heap. Whatever the fill says, an arena that cannot serve is not healthy. Not thread-safe.
/// </summary>
internal sealed class ShortageWindow
{
    private static readonly TimeSpan s_slot = TimeSpan.FromSeconds(10);

    private readonly long[] _totals = new long[7]; // one a slot; the oldest is a minute old
    private TimeSpan _next;
    private int _newest;

    /// <summary>Shortages within the window.</summary>
    public long Recent { get; private set; }

    /// <param name="at">Since any fixed moment.</param>
    /// <param name="total">Shortages since the arena was created.</param>
    public void Add(TimeSpan at, long total)
    {
        if (at >= _next)
        {
            _newest = (_newest + 1) % _totals.Length;
            _totals[_newest] = total;
            _next = at + s_slot;
        }

        Recent = total - _totals[(_newest + 1) % _totals.Length];
    }
}
