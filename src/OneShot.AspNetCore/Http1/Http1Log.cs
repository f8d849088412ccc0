using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Http1.Timeouts;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// What the front says, at the levels at which Kestrel says the like. Of a request never a byte, but for the message of a
/// <c>BadHttpRequestException</c> that the application has thrown, which may quote what it could not bind (Debug).
/// </summary>
/// <remarks>Ids from 1101; those from 1140 on are refusals, one for each row of <see cref="RequestRejections"/>.</remarks>
internal static partial class Http1Log
{
    private static readonly Action<ILogger, string, string, string, Exception?>[] s_refusals =
        [.. Enum.GetValues<RequestRejection>().Select(rejection => LoggerMessage.Define<string, string, string>(
            LogLevel.Debug,
            RequestRejections.LogEvent(rejection),
            "Connection id \"{ConnectionId}\" bad request: {Reason} ({Section})."))];

    /// <summary>The request is refused: by its head, or while its body is read.</summary>
    internal static void RequestRefused(ILogger logger, string connectionId, RequestRejection rejection) => s_refusals[(int)rejection](
        logger, connectionId, RequestRejections.Description(rejection), RequestRejections.RfcSection(rejection), null);

    [LoggerMessage(1101, LogLevel.Error, "Connection id \"{ConnectionId}\", Request id \"{TraceIdentifier}\": An unhandled exception was thrown by the application.",
        EventName = "ApplicationError")]
    internal static partial void ApplicationError(ILogger logger, string connectionId, string traceIdentifier, Exception exception);

    /// <summary>The application itself finds the request bad.</summary>
    [LoggerMessage(1102, LogLevel.Debug, "Connection id \"{ConnectionId}\" bad request data: \"{Message}\"", EventName = "ConnectionBadRequest")]
    internal static partial void BadRequest(ILogger logger, string connectionId, string message);

    [LoggerMessage(1103, LogLevel.Debug, "Connection id \"{ConnectionId}\", Request id \"{TraceIdentifier}\": The request was aborted by the client.",
        EventName = "RequestAborted")]
    internal static partial void RequestAborted(ILogger logger, string connectionId, string traceIdentifier);

    [LoggerMessage(1104, LogLevel.Debug, "Connection id \"{ConnectionId}\", Request id \"{TraceIdentifier}\": the unread rest of the body was not drained; the connection closes.",
        EventName = "BodyNotDrained")]
    internal static partial void BodyNotDrained(ILogger logger, string connectionId, string traceIdentifier);

    [LoggerMessage(1105, LogLevel.Debug, "Connection id \"{ConnectionId}\", Request id \"{TraceIdentifier}\": reading the rest of the body failed.", EventName = "DrainFailed")]
    internal static partial void DrainFailed(ILogger logger, string connectionId, string traceIdentifier, Exception exception);

    [LoggerMessage(1106, LogLevel.Debug, "Connection id \"{ConnectionId}\": timed out waiting ({Reason}).", EventName = "ConnectionTimedOut")]
    internal static partial void TimedOut(ILogger logger, string connectionId, TimeoutReason reason);

    [LoggerMessage(1107, LogLevel.Debug, "Connection id \"{ConnectionId}\": refused with 503, the process arena is full ({Used} of {Capacity} bytes).",
        EventName = "ArenaFull")]
    internal static partial void ArenaFull(ILogger logger, string connectionId, long used, long capacity);

    [LoggerMessage(1108, LogLevel.Error, "Connection id \"{ConnectionId}\": Unexpected exception while processing the connection.", EventName = "ConnectionError")]
    internal static partial void ConnectionError(ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(1109, LogLevel.Warning,
        "Endpoint {Endpoint}: UseOneShotHttp1() does not serve it, stock Kestrel's HTTP/1.1 does. What stands there is not recognised as the HTTP of Kestrel {Version}.",
        EventName = "KestrelNotRecognized")]
    internal static partial void KestrelNotRecognized(ILogger logger, string endpoint, string version);

    /// <summary>Told by the first connection: only there is it seen.</summary>
    [LoggerMessage(1110, LogLevel.Warning,
        "Endpoint {Endpoint}: UseOneShotHttp1() does not serve it, stock Kestrel's HTTP/1.1 does. A middleware behind that line hands Kestrel a connection of its own. Write listenOptions.UseOneShotHttp1() behind it.",
        EventName = "PassedBy")]
    internal static partial void PassedBy(ILogger logger, string endpoint);
}
