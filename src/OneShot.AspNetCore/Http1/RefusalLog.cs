using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1;

/// <summary>What is said of a request that is refused: an event for each row of <see cref="RequestRejections"/>, from 1140 on. Never a byte of it.</summary>
internal static class RefusalLog
{
    private static readonly Action<ILogger, string, string, string, Exception?>[] s_refusals =
        [.. Enum.GetValues<RequestRejection>().Select(rejection => LoggerMessage.Define<string, string, string>(
            LogLevel.Debug,
            RequestRejections.LogEvent(rejection),
            "Connection id \"{ConnectionId}\" bad request: {Reason} ({Section})."))];

    /// <summary>By its head, or while its body is read.</summary>
    internal static void RequestRefused(ILogger logger, string connectionId, RequestRejection rejection) => s_refusals[(int)rejection](
        logger, connectionId, RequestRejections.Description(rejection), RequestRejections.RfcSection(rejection), null);
}
