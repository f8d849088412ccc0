namespace OneShot.AspNetCore.Headers;

/// <summary>The table of a request that outlives its arena: a WebSocket, a stream of events.</summary>
internal sealed partial class HeaderTable
{
    private byte[]? _keptHead;
    private HeaderEntry[]? _keptEntries;

    /// <summary>
    /// Moves lines and head to the GC heap, in arrays of exactly their size: from here on nothing points into the arena, and the
    /// same is read as before. Spans handed out earlier still point into it.
    /// </summary>
    public void LeaveArena()
    {
        _keptEntries = Entries.ToArray();
        _keptHead = Head.ToArray();
        _entries = default;
        _head = default;
        _arena = null;
    }
}
