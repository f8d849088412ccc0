namespace OneShot.AspNetCore.Wire;

/// <summary>What a resumable parser says after it has looked at the bytes in hand.</summary>
internal enum HeaderParseResult : byte
{
    /// <summary>All of it is here and well formed.</summary>
    Done,

    /// <summary>Well formed so far; call again with the same bytes and more behind them.</summary>
    NeedMore,

    /// <summary>Refused for good; the parser's <c>Rejection</c> says why.</summary>
    Rejected,
}
