namespace OneShot.Transport.Connections;

/// <summary>
/// Whether what a client has sent is answered by one flush or by several that follow each other. A client that waits for one answer at a
/// time would only be kept waiting for more; one with many requests under way sends them singly now and then, so many are taken to
/// be many for a while.
/// </summary>
/// <remarks>
/// <code>
///                                          | the first flush since a receive      | any other
/// the receive before had one flush         | one of many while the spell lasts    | one of many
/// the receive before had several           | one of many, and a spell begins      | one of many
/// </code>
/// Whatever the table says, a flush that comes late behind the last one is on its own. The writer's alone.
/// </remarks>
internal struct FlushRhythm
{
    /// <summary>Milliseconds from one flush, within which the next follows it. The clock goes in steps of a few.</summary>
    public const int Soon = 20;

    /// <summary>Receives after one that was answered by several flushes, whose first answers are taken for one of several.</summary>
    public const int Spell = 16;

    private long _lastFlush;
    private int _receives;
    private int _flushes; // since the last of these
    private int _spellLeft; // receives

    /// <summary>A flush comes: whether others are likely to follow it soon.</summary>
    /// <param name="receives">How often bytes were received until now.</param>
    /// <param name="now">Milliseconds, on a clock that goes on.</param>
    public bool IsOneOfMany(int receives, long now)
    {
        if (receives == _receives)
        {
            _flushes++;
        }
        else
        {
            _spellLeft = _flushes > 1 ? Spell : Math.Max(0, _spellLeft - 1);
            _receives = receives;
            _flushes = 1;
        }

        bool isSoon = now - _lastFlush < Soon;
        _lastFlush = now;
        return isSoon && (_flushes > 1 || _spellLeft > 0);
    }
}
