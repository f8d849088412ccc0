using System.Net;
using Microsoft.Extensions.Logging;

namespace OneShot.AspNetCore.Succession;

/// <summary>What is said of a successor, and by it.</summary>
internal static partial class SuccessionLog
{
    [LoggerMessage(1421, LogLevel.Information, "Process {ProcessId} is to succeed this one: it has its listening sockets, and takes over when it is ready.", EventName = "SuccessorStarted")]
    public static partial void Started(ILogger logger, int processId);

    [LoggerMessage(1422, LogLevel.Information, "Process {ProcessId} was ready after {Milliseconds} ms and accepts from here on. This one serves what it has accepted, and ends.", EventName = "SuccessorReady")]
    public static partial void Ready(ILogger logger, int processId, long milliseconds);

    [LoggerMessage(1423, LogLevel.Error, "No successor: {Failure}. This process goes on serving, and tries again in {Pause}.", EventName = "SuccessorFailed")]
    public static partial void Failed(ILogger logger, string failure, TimeSpan pause);

    [LoggerMessage(1424, LogLevel.Error, "No successor: this process has no listening socket of its own to hand over. It drains and ends; whatever started it must start it again.", EventName = "NothingToHandOver")]
    public static partial void NothingToHandOver(ILogger logger);

    [LoggerMessage(1425, LogLevel.Warning, "The listening socket of {EndPoint} was opened by somebody else, and is not handed to a successor (OneShot:Restart:Succeed).", EventName = "SocketNotHandedOn")]
    public static partial void NotOurs(ILogger logger, EndPoint endPoint);

    [LoggerMessage(1426, LogLevel.Information, "The listening socket of {EndPoint} is taken over from the process before.", EventName = "SocketTakenOver")]
    public static partial void TakenOver(ILogger logger, string endPoint);

    [LoggerMessage(1427, LogLevel.Warning, "Descriptor {Descriptor}, for {EndPoint}, is no listening socket: one is opened anew.", EventName = "SocketNotTakenOver")]
    public static partial void NoSocket(ILogger logger, int descriptor, string endPoint);

    [LoggerMessage(1428, LogLevel.Information, "The process before listened at {EndPoint}; this one does not, and the socket is closed.", EventName = "SocketNotAskedFor")]
    public static partial void NotAskedFor(ILogger logger, string endPoint);

    [LoggerMessage(1429, LogLevel.Warning, "{Variable} is '{Text}', which is not what a process leaves to its successor: nothing is taken over.", EventName = "InheritanceNotUnderstood")]
    public static partial void NotUnderstood(ILogger logger, string variable, string text);
}
