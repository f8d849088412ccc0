using System.Net;
using Microsoft.Extensions.Logging;

namespace OneShot.Transport;

/// <summary>What the transport says, at the levels and with the event ids of Kestrel's own where it says the same.</summary>
internal static partial class TransportLog
{
    public const string Category = "OneShot.Transport";

    [LoggerMessage(1, LogLevel.Information, "Serving {EndPoint} with OneShot.Transport on {Loops} event loop(s).", EventName = "Bound")]
    public static partial void Bound(ILogger logger, EndPoint endPoint, int loops);

    [LoggerMessage(2, LogLevel.Warning, "OneShot.Transport needs Linux on a 64-bit processor: Kestrel's own transport serves.", EventName = "NotSupported")]
    public static partial void NotSupported(ILogger logger);

    [LoggerMessage(6, LogLevel.Debug, "Connection id \"{ConnectionId}\" received FIN.", EventName = "ConnectionReadFin")]
    public static partial void ReadFin(ILogger logger, string connectionId);

    [LoggerMessage(7, LogLevel.Debug, "Connection id \"{ConnectionId}\" sending FIN because: \"{Reason}\"", EventName = "ConnectionWriteFin")]
    public static partial void WriteFin(ILogger logger, string connectionId, string reason);

    [LoggerMessage(14, LogLevel.Debug, "Connection id \"{ConnectionId}\" communication error.", EventName = "ConnectionError")]
    public static partial void Failed(ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(19, LogLevel.Debug, "Connection id \"{ConnectionId}\" reset.", EventName = "ConnectionReset")]
    public static partial void Reset(ILogger logger, string connectionId);

    [LoggerMessage(30, LogLevel.Warning, "No connection can be accepted on {EndPoint}: {Reason}. Trying again in a moment.", EventName = "AcceptShortage")]
    public static partial void AcceptShortage(ILogger logger, EndPoint endPoint, string reason);

    [LoggerMessage(32, LogLevel.Error, "No connection is accepted on {EndPoint} any more: {Reason}.", EventName = "AcceptEnded")]
    public static partial void AcceptEnded(ILogger logger, EndPoint endPoint, string reason);

    [LoggerMessage(31, LogLevel.Critical, "Code called by an event loop has thrown, which it must not.", EventName = "CallOutFailed")]
    public static partial void CallOutFailed(ILogger logger, Exception exception);
}
