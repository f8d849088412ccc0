namespace OneShot.AspNetCore.Http1;

/// <summary>Whether a graceful stop, or the end of the client's patience, may end the connection at once.</summary>
/// <remarks>
/// <code>
///          | head accepted (loop) | request over (loop) | stop, keep-alive timeout (any thread)
/// Idle     | Active               |                     | Stopping: the read is cancelled
/// Active   |                      | Idle                | stays: the request is served
/// Stopping | Active: the last one | stays               | stays
/// </code>
/// </remarks>
internal enum ConnectionPhase
{
    /// <summary>No request runs; the loop waits for the next head, or is about to.</summary>
    Idle,

    /// <summary>A request runs, up to the end of its response and its body.</summary>
    Active,

    /// <summary>The connection is asked to end, and was found idle.</summary>
    Stopping,
}
