using System.Net;
using Microsoft.Extensions.Logging;

namespace OneShot.AspNetCore.Logging;

/// <summary>Every event that this library logs but refused requests (from 1140 on), by its number; each method has the event's name.</summary>
/// <remarks>
/// In one class on purpose: the generator of .NET 10 writes several in an order that differs from build to build, and no two libraries would be the same (dotnet/runtime#119587).
/// </remarks>
internal static partial class Events
{
    [LoggerMessage(1101, LogLevel.Error, "Connection id \"{ConnectionId}\", Request id \"{TraceIdentifier}\": An unhandled exception was thrown by the application.", EventName = "ApplicationError")]
    public static partial void ApplicationError(ILogger logger, string connectionId, string traceIdentifier, Exception exception);

    /// <summary>The application itself finds the request bad.</summary>
    [LoggerMessage(1102, LogLevel.Debug, "Connection id \"{ConnectionId}\" bad request data: \"{Message}\"", EventName = "ConnectionBadRequest")]
    public static partial void ConnectionBadRequest(ILogger logger, string connectionId, string message);

    [LoggerMessage(1103, LogLevel.Debug, "Connection id \"{ConnectionId}\", Request id \"{TraceIdentifier}\": The request was aborted by the client.", EventName = "RequestAborted")]
    public static partial void RequestAborted(ILogger logger, string connectionId, string traceIdentifier);

    [LoggerMessage(1104, LogLevel.Debug, "Connection id \"{ConnectionId}\", Request id \"{TraceIdentifier}\": the unread rest of the body was not drained; the connection closes.", EventName = "BodyNotDrained")]
    public static partial void BodyNotDrained(ILogger logger, string connectionId, string traceIdentifier);

    [LoggerMessage(1105, LogLevel.Debug, "Connection id \"{ConnectionId}\", Request id \"{TraceIdentifier}\": reading the rest of the body failed.", EventName = "DrainFailed")]
    public static partial void DrainFailed(ILogger logger, string connectionId, string traceIdentifier, Exception exception);

    [LoggerMessage(1106, LogLevel.Debug, "Connection id \"{ConnectionId}\": timed out waiting ({Reason}).", EventName = "ConnectionTimedOut")]
    public static partial void ConnectionTimedOut(ILogger logger, string connectionId, object reason);

    [LoggerMessage(1107, LogLevel.Debug, "Connection id \"{ConnectionId}\": refused with 503, the process arena is full ({Used} of {Capacity} bytes).", EventName = "ArenaFull")]
    public static partial void ArenaFull(ILogger logger, string connectionId, long used, long capacity);

    [LoggerMessage(1108, LogLevel.Error, "Connection id \"{ConnectionId}\": Unexpected exception while processing the connection.", EventName = "ConnectionError")]
    public static partial void ConnectionError(ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(1109, LogLevel.Warning, "Endpoint {Endpoint}: UseOneShotHttp1() does not serve it, stock Kestrel's HTTP/1.1 does. What stands there is not recognised as the HTTP of Kestrel {Version}.", EventName = "KestrelNotRecognized")]
    public static partial void KestrelNotRecognized(ILogger logger, string endpoint, string version);

    /// <summary>Told by the first connection: only there is it seen.</summary>
    [LoggerMessage(1110, LogLevel.Warning, "Endpoint {Endpoint}: UseOneShotHttp1() does not serve it, stock Kestrel's HTTP/1.1 does. A middleware behind that line hands Kestrel a connection of its own. Write listenOptions.UseOneShotHttp1() behind it.", EventName = "PassedBy")]
    public static partial void PassedBy(ILogger logger, string endpoint);

    /// <remarks>One line a request, in a process that has no memory left, would be the next thing to run out: hence Debug.</remarks>
    [LoggerMessage(1201, LogLevel.Debug, "Request not admitted: the process arena is full ({Used} of {Capacity} bytes). Answered 503.", EventName = "NotAdmitted")]
    public static partial void NotAdmitted(ILogger logger, long used, long capacity);

    [LoggerMessage(1202, LogLevel.Warning, "The process arena ran out during a request: {Requested} bytes asked for, {Used} of {Capacity} in use. Answered 503.", EventName = "Rejected")]
    public static partial void Rejected(ILogger logger, long requested, long used, long capacity);

    [LoggerMessage(1203, LogLevel.Error, "The end of a request's arena reported a failure of the application.", EventName = "ArenaResetFailed")]
    public static partial void ArenaResetFailed(ILogger logger, Exception exception);

    [LoggerMessage(1301, LogLevel.Warning, "UseOneShotHttp1() serves no endpoint: a ConfigureEndpointDefaults callback of this application has replaced it, and Kestrel's own HTTP/1.1 answers. Write listenOptions.UseOneShotHttp1() in that callback.", EventName = "FrontServesNoEndpoint")]
    public static partial void FrontServesNoEndpoint(ILogger logger);

    [LoggerMessage(1302, LogLevel.Warning, "The reloaded configuration is not used, what was set before stays: {Failures}", EventName = "ReloadRefused")]
    public static partial void ReloadRefused(ILogger logger, string failures);

    [LoggerMessage(1303, LogLevel.Warning, "{Budget}", EventName = "ArenaDoesNotFit")]
    public static partial void ArenaDoesNotFit(ILogger logger, object budget);

    [LoggerMessage(1304, LogLevel.Warning, "UseOneShotHttp1() serves no endpoint: Kestrel was registered again after it, by UseKestrel(), UseKestrelCore() or WebApplicationFactory.UseKestrel(), and its own HTTP/1.1 answers. Call builder.WebHost.UseOneShotHttp1() after that line as well.", EventName = "FrontBeforeServer")]
    public static partial void FrontBeforeServer(ILogger logger);

    [LoggerMessage(1305, LogLevel.Warning, "UseOneShotHttp1() serves no endpoint: {Server} was registered around Kestrel before it, and Kestrel's own HTTP/1.1 answers. Register that server after AddOneShotArena() and UseOneShotHttp1().", EventName = "FrontAroundServer")]
    public static partial void FrontAroundServer(ILogger logger, Type server);

    [LoggerMessage(1306, LogLevel.Information, "HTTP/1.1 front on {Endpoints}; transport {Transport}; reclamation {Reclamation}, capacity {Capacity}{Life}{Heap}.", EventName = "Started")]
    public static partial void Started(ILogger logger, string endpoints, string transport, ArenaReclamation reclamation, string capacity, string life, string heap);

    [LoggerMessage(1307, LogLevel.Information, "A restart is planned by: {Sources}.", EventName = "RestartSources")]
    public static partial void RestartSources(ILogger logger, string sources);

    [LoggerMessage(1308, LogLevel.Warning, "{Key} is no option, and nothing reads it: {Hint}.", EventName = "UnknownOption")]
    public static partial void UnknownOption(ILogger logger, string key, string hint);

    [LoggerMessage(1309, LogLevel.Warning, "{Key} in the reloaded configuration is {Now}, and was {Before}: it is read at the start only, so the process must be restarted to take it.", EventName = "OptionNeedsRestart")]
    public static partial void OptionNeedsRestart(ILogger logger, string key, string now, string before);

    [LoggerMessage(EventId = 1401, EventName = "RestartWarning", Message = "The {Source} is {Percent:0.0} % full ({Used} of {Limit} bytes); {Forecast}. It drains from {DrainPercent:0.0} % on.")]
    public static partial void RestartWarning(ILogger logger, LogLevel level, string source, double percent, long used, long limit, object forecast, double drainPercent);

    [LoggerMessage(EventId = 1402, EventName = "RestartDraining", Message = "The {Source} is {Percent:0.0} % full ({Used} of {Limit} bytes): draining. The readiness check fails and HTTP/1.1 answers close their connections; {Forecast}.")]
    public static partial void RestartDraining(ILogger logger, LogLevel level, string source, double percent, long used, long limit, object forecast);

    [LoggerMessage(EventId = 1403, EventName = "RestartDue", Message = "The {Source} is {Percent:0.0} % full ({Used} of {Limit} bytes) and has drained for {Drained}: a restart is due. The liveness check fails.")]
    public static partial void RestartDue(ILogger logger, LogLevel level, string source, double percent, long used, long limit, object drained);

    [LoggerMessage(1404, LogLevel.Information, "The {Source} is {Percent:0.0} % full ({Used} of {Limit} bytes): back from {From} to {To}.", EventName = "RestartPhaseFell")]
    public static partial void RestartPhaseFell(ILogger logger, string source, double percent, long used, long limit, object from, object to);

    [LoggerMessage(1405, LogLevel.Warning, "This process fills its {Source} within {Life} of its start. Kubernetes takes back its growing restart delay (10 s, doubling to 300 s) only after a life of 10 minutes, so pods that live shorter end in CrashLoopBackOff. Remedies: {Remedies}", EventName = "LifeShort")]
    public static partial void LifeShort(ILogger logger, string source, object life, string remedies);

    [LoggerMessage(1406, LogLevel.Information, "Self-drain: the host will be stopped in {Delay}, with exit code {ExitCode}.", EventName = "SelfDrainBegins")]
    public static partial void SelfDrainBegins(ILogger logger, TimeSpan delay, int exitCode);

    [LoggerMessage(1407, LogLevel.Information, "Self-drain: stopping the host, with exit code {ExitCode}.", EventName = "SelfDrainStops")]
    public static partial void SelfDrainStops(ILogger logger, int exitCode);

    [LoggerMessage(1408, LogLevel.Information, "The thresholds of the restart are now: warn at {WarnAt:0.###}, drain at {DrainAt:0.###} (with this process's jitter), restart at {LiveAt:0.###}.", EventName = "RestartThresholds")]
    public static partial void RestartThresholds(ILogger logger, double warnAt, double drainAt, double liveAt);

    [LoggerMessage(1411, LogLevel.Information, "No garbage collection from here on, until {Budget} bytes are allocated, or {LargeObjects} bytes in large objects.", EventName = "HeapBudgetEntered")]
    public static partial void HeapBudgetEntered(ILogger logger, long budget, long largeObjects);

    [LoggerMessage(EventId = 1412, EventName = "HeapBudgetEnteredAgain", Message = "Something has collected after {Used} of {Budget} bytes of the heap budget: a GC.Collect(), more than {LargeObjects} bytes in large objects (OneShot:Heap:LargeObjects), or pinned arrays of more than 3 MiB together. The budget begins anew.")]
    public static partial void HeapBudgetEnteredAgain(ILogger logger, LogLevel level, long used, long budget, long largeObjects);

    [LoggerMessage(1413, LogLevel.Warning, "The heap budget of {Budget} bytes, with {LargeObjects} bytes for large objects, was not granted: the heap of the GC may have {HeapLimit} bytes, or a no-GC region of the application is under way. The process collects as ever. Set a smaller OneShot:Heap:Budget, or a larger limit of the heap.", EventName = "HeapBudgetRefused")]
    public static partial void HeapBudgetRefused(ILogger logger, long budget, long largeObjects, long heapLimit);

    [LoggerMessage(1414, LogLevel.Warning, "The heap budget of {Budget} bytes is spent, and the process was not restarted: garbage collection resumes.", EventName = "HeapBudgetSpent")]
    public static partial void HeapBudgetSpent(ILogger logger, long budget);

    [LoggerMessage(1415, LogLevel.Warning, "The {Source} is {Percent:0.0} % full ({Used} of {Limit} bytes) after a life of {Life}: too short for a restart (MinLife), for another {HeldBack}. Until then the process goes on. If this is not an attack, remedies: {Remedies}", EventName = "RestartHeldBack")]
    public static partial void RestartHeldBack(ILogger logger, string source, double percent, long used, long limit, object life, object heldBack, string remedies);

    [LoggerMessage(1416, LogLevel.Information, "This process would drain now, and its restart gate does not let it yet: it is asked again every second, and overruled from LiveAt on.", EventName = "RestartGateRefuses")]
    public static partial void RestartGateRefuses(ILogger logger);

    [LoggerMessage(1417, LogLevel.Error, "The restart gate has failed: the process does not wait for it.", EventName = "RestartGateFailed")]
    public static partial void RestartGateFailed(ILogger logger, Exception exception);

    [LoggerMessage(1418, LogLevel.Error, "A look at the memory of this process has failed; the next comes within a second.", EventName = "RestartSampleFailed")]
    public static partial void RestartSampleFailed(ILogger logger, Exception exception);

    [LoggerMessage(1419, LogLevel.Information, "{Bytes} bytes of the heap budget were faulted in, in {Milliseconds} ms: no allocation pays for the first touch of a page.", EventName = "HeapBudgetPopulated")]
    public static partial void HeapBudgetPopulated(ILogger logger, long bytes, long milliseconds);

    [LoggerMessage(EventId = 1420, EventName = "HeapBudgetNotPopulated", Message = "{Bytes} bytes of the heap budget were faulted in, and no more: {Obstacle}. Allocations touch the rest page by page. OneShot:Heap:PopulateAtStart=false leaves all of it to them.")]
    public static partial void HeapBudgetNotPopulated(ILogger logger, LogLevel level, long bytes, string obstacle);

    [LoggerMessage(1421, LogLevel.Information, "Process {ProcessId} is to succeed this one: it has its listening sockets, and takes over when it is ready.", EventName = "SuccessorStarted")]
    public static partial void SuccessorStarted(ILogger logger, int processId);

    [LoggerMessage(1422, LogLevel.Information, "Process {ProcessId} was ready after {Milliseconds} ms and accepts from here on. This one serves what it has accepted, and ends.", EventName = "SuccessorReady")]
    public static partial void SuccessorReady(ILogger logger, int processId, long milliseconds);

    [LoggerMessage(1423, LogLevel.Error, "No successor: {Failure}. This process goes on serving, and tries again in {Pause}.", EventName = "SuccessorFailed")]
    public static partial void SuccessorFailed(ILogger logger, string failure, TimeSpan pause);

    [LoggerMessage(1424, LogLevel.Error, "No successor: this process has no listening socket of its own to hand over. It drains and ends; whatever started it must start it again.", EventName = "NothingToHandOver")]
    public static partial void NothingToHandOver(ILogger logger);

    [LoggerMessage(1425, LogLevel.Warning, "The listening socket of {EndPoint} was opened by somebody else, and is not handed to a successor (OneShot:Restart:Succeed).", EventName = "SocketNotHandedOn")]
    public static partial void SocketNotHandedOn(ILogger logger, EndPoint endPoint);

    [LoggerMessage(1426, LogLevel.Information, "The listening socket of {EndPoint} is taken over from the process before.", EventName = "SocketTakenOver")]
    public static partial void SocketTakenOver(ILogger logger, string endPoint);

    [LoggerMessage(1427, LogLevel.Warning, "Descriptor {Descriptor}, for {EndPoint}, is no listening socket: one is opened anew.", EventName = "SocketNotTakenOver")]
    public static partial void SocketNotTakenOver(ILogger logger, int descriptor, string endPoint);

    [LoggerMessage(1428, LogLevel.Information, "The process before listened at {EndPoint}; this one does not, and the socket is closed.", EventName = "SocketNotAskedFor")]
    public static partial void SocketNotAskedFor(ILogger logger, string endPoint);

    [LoggerMessage(1429, LogLevel.Warning, "{Variable} is '{Text}', which is not what a process leaves to its successor: nothing is taken over.", EventName = "InheritanceNotUnderstood")]
    public static partial void InheritanceNotUnderstood(ILogger logger, string variable, string text);

    [LoggerMessage(1430, LogLevel.Error, "The hand-over to a successor has failed. This process drains and ends; whatever started it must start it again.", EventName = "HandOverFailed")]
    public static partial void HandOverFailed(ILogger logger, Exception exception);

    [LoggerMessage(1431, LogLevel.Information, "Something has collected after {Used} of {Budget} bytes of the heap budget, and the process drains already: it collects as ever until its restart.", EventName = "HeapBudgetLeft")]
    public static partial void HeapBudgetLeft(ILogger logger, long used, long budget);

    [LoggerMessage(1432, LogLevel.Warning, "Something has collected, and the heap budget of {Budget} bytes, with {LargeObjects} bytes for large objects, was not granted again, {Tries} times: what lives has grown beyond the {HeapLimit} bytes that the heap of the GC may have beside it, or a no-GC region of the application is under way. Garbage collection resumes; the restart comes when as much is allocated as if it had been granted.", EventName = "HeapBudgetNotEnteredAgain")]
    public static partial void HeapBudgetNotEnteredAgain(ILogger logger, long budget, long largeObjects, int tries, long heapLimit);

    [LoggerMessage(1433, LogLevel.Warning, "A successor faults in {Bytes} bytes of its heap budget before it is ready, which may take {Start}; it is killed after {Timeout} (OneShot:Restart:SuccessorTimeout). Set that to {Start} and what else the start takes, a smaller OneShot:Heap:Budget, or OneShot:Heap:PopulateAtStart=false.", EventName = "HeapBudgetStartLong")]
    public static partial void HeapBudgetStartLong(ILogger logger, long bytes, object start, object timeout);
}
