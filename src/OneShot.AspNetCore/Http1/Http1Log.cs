using Microsoft.Extensions.Logging;

namespace OneShot.AspNetCore.Http1;

/// <summary>What the front says, at the levels at which Kestrel says the like. Never a byte of a request.</summary>
internal static partial class Http1Log
{
    [LoggerMessage(1102, LogLevel.Error, "Connection id \"{ConnectionId}\", Request id \"{TraceIdentifier}\": An unhandled exception was thrown by the application.",
        EventName = "ApplicationError")]
    internal static partial void ApplicationError(ILogger logger, string connectionId, string traceIdentifier, Exception exception);

    [LoggerMessage(1103, LogLevel.Debug, "Connection id \"{ConnectionId}\" bad request: {Reason} ({Section}).", EventName = "RequestRejected")]
    internal static partial void RequestRejected(ILogger logger, string connectionId, string reason, string section);

    [LoggerMessage(1104, LogLevel.Debug, "Connection id \"{ConnectionId}\", Request id \"{TraceIdentifier}\": The request was aborted by the client.",
        EventName = "RequestAborted")]
    internal static partial void RequestAborted(ILogger logger, string connectionId, string traceIdentifier);

    [LoggerMessage(1105, LogLevel.Error, "Connection id \"{ConnectionId}\": Unexpected exception while processing the connection.", EventName = "ConnectionError")]
    internal static partial void ConnectionError(ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(1106, LogLevel.Debug, "Connection id \"{ConnectionId}\": refused with 503, the process arena is full ({Used} of {Capacity} bytes).",
        EventName = "ArenaFull")]
    internal static partial void ArenaFull(ILogger logger, string connectionId, long used, long capacity);

    [LoggerMessage(1107, LogLevel.Debug, "Connection id \"{ConnectionId}\", Request id \"{TraceIdentifier}\": the unread rest of the body was not drained; the connection closes.",
        EventName = "BodyNotDrained")]
    internal static partial void BodyNotDrained(ILogger logger, string connectionId, string traceIdentifier);

    [LoggerMessage(1109, LogLevel.Debug, "Connection id \"{ConnectionId}\": timed out waiting ({Reason}).", EventName = "ConnectionTimedOut")]
    internal static partial void TimedOut(ILogger logger, string connectionId, Timeouts.TimeoutReason reason);

    [LoggerMessage(1110, LogLevel.Debug, "Connection id \"{ConnectionId}\", Request id \"{TraceIdentifier}\": reading the rest of the body failed.", EventName = "DrainFailed")]
    internal static partial void DrainFailed(ILogger logger, string connectionId, string traceIdentifier, Exception exception);

    [LoggerMessage(1108, LogLevel.Debug, "Connection id \"{ConnectionId}\" bad request data: \"{Message}\"", EventName = "ConnectionBadRequest")]
    internal static partial void BadRequest(ILogger logger, string connectionId, string message);
}
