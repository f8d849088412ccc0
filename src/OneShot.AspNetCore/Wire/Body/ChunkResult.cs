namespace OneShot.AspNetCore.Wire;

/// <summary>What a <see cref="ChunkReader"/> says after it has looked at the bytes in hand.</summary>
internal enum ChunkResult : byte
{
    /// <summary>All bytes were taken and there was no data behind them; call again with the next ones.</summary>
    NeedMore,

    /// <summary>Some of the bytes are body data.</summary>
    Data,

    /// <summary>The body has ended, trailers included.</summary>
    Done,

    /// <summary>The body is malformed; <see cref="ChunkReader.Rejection"/> says how.</summary>
    Rejected,
}
