using Microsoft.Extensions.Logging;

namespace OneShot.AspNetCore.Restart;

/// <summary>What is said on the way to a restart. Each phase once as a warning, should it come and go: the rest is information.</summary>
internal static partial class RestartLog
{
    [LoggerMessage(EventId = 1401, EventName = "RestartWarning", Message =
        "The {Source} is {Percent:0.0} % full ({Used} of {Limit} bytes); {Forecast}. It drains from {DrainPercent:0.0} % on.")]
    public static partial void Warning(ILogger logger, LogLevel level, string source, double percent, long used, long limit, FillForecast forecast, double drainPercent);

    [LoggerMessage(EventId = 1402, EventName = "RestartDraining", Message =
        "The {Source} is {Percent:0.0} % full ({Used} of {Limit} bytes): draining. The readiness check fails and HTTP/1.1 answers close their connections; {Forecast}.")]
    public static partial void Draining(ILogger logger, LogLevel level, string source, double percent, long used, long limit, FillForecast forecast);

    [LoggerMessage(EventId = 1403, EventName = "RestartDue", Message =
        "The {Source} is {Percent:0.0} % full ({Used} of {Limit} bytes) and has drained for {Drained}: a restart is due. The liveness check fails.")]
    public static partial void Due(ILogger logger, LogLevel level, string source, double percent, long used, long limit, WholeSeconds drained);

    [LoggerMessage(1404, LogLevel.Information, "The {Source} is {Percent:0.0} % full ({Used} of {Limit} bytes): back from {From} to {To}.", EventName = "RestartPhaseFell")]
    public static partial void Fell(ILogger logger, string source, double percent, long used, long limit, RestartPhase from, RestartPhase to);

    [LoggerMessage(1405, LogLevel.Warning, "This process fills its {Source} within {Life} of its start. Kubernetes takes back its growing restart delay (10 s, doubling to 300 s) only after a life of 10 minutes, so pods that live shorter end in CrashLoopBackOff. Remedies: {Remedies}", EventName = "LifeShort")]
    public static partial void LifeShort(ILogger logger, string source, WholeSeconds life, string remedies);

    [LoggerMessage(1406, LogLevel.Information, "Self-drain: the host will be stopped in {Delay}, with exit code {ExitCode}.", EventName = "SelfDrainBegins")]
    public static partial void SelfDrainBegins(ILogger logger, TimeSpan delay, int exitCode);

    [LoggerMessage(1407, LogLevel.Information, "Self-drain: stopping the host, with exit code {ExitCode}.", EventName = "SelfDrainStops")]
    public static partial void SelfDrainStops(ILogger logger, int exitCode);

    [LoggerMessage(1408, LogLevel.Information, "The thresholds of the restart are now: warn at {WarnAt:0.###}, drain at {DrainAt:0.###} (with this process's jitter), restart at {LiveAt:0.###}.", EventName = "RestartThresholds")]
    public static partial void Thresholds(ILogger logger, double warnAt, double drainAt, double liveAt);

    [LoggerMessage(1416, LogLevel.Information, "This process would drain now, and its restart gate does not let it yet: it is asked again every second, and overruled from LiveAt on.", EventName = "RestartGateRefuses")]
    public static partial void GateRefuses(ILogger logger);

    [LoggerMessage(1417, LogLevel.Error, "The restart gate has failed: the process does not wait for it.", EventName = "RestartGateFailed")]
    public static partial void GateFailed(ILogger logger, Exception exception);

    [LoggerMessage(1418, LogLevel.Error, "A look at the memory of this process has failed; the next comes within a second.", EventName = "RestartSampleFailed")]
    public static partial void SampleFailed(ILogger logger, Exception exception);

    [LoggerMessage(1430, LogLevel.Error, "The hand-over to a successor has failed. This process drains and ends; whatever started it must start it again.", EventName = "HandOverFailed")]
    public static partial void HandOverFailed(ILogger logger, Exception exception);

    [LoggerMessage(1415, LogLevel.Warning, "The {Source} is {Percent:0.0} % full ({Used} of {Limit} bytes) after a life of {Life}: too short for a restart (MinLife), for another {HeldBack}. Until then the process goes on. If this is not an attack, remedies: {Remedies}", EventName = "RestartHeldBack")]
    public static partial void HeldBack(ILogger logger, string source, double percent, long used, long limit, WholeSeconds life, WholeSeconds heldBack, string remedies);
}
