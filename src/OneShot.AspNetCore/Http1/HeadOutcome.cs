namespace OneShot.AspNetCore.Http1;

/// <summary>What came of the bytes that were read for a request head.</summary>
internal enum HeadOutcome : byte
{
    NeedMore,

    /// <summary>A whole head, accepted: the application runs.</summary>
    Ready,

    /// <summary>The request is refused; the reader says why.</summary>
    Refused,

    /// <summary>The client, a graceful stop or the keep-alive timeout ended the connection between two requests.</summary>
    Ended,
}
