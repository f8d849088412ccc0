using Microsoft.Extensions.Logging;

namespace OneShot.AspNetCore.Restart;

/// <summary>What is said on the way to a restart. Each phase once as a warning, should it come and go: the rest is information.</summary>
internal static partial class RestartLog
{
    [LoggerMessage(EventId = 1401, EventName = "ArenaWarning", Message =
        "The process arena is {Percent:0.0} % full ({Used} of {Capacity} bytes); {Forecast}. It drains from {DrainPercent:0.0} % on.")]
    public static partial void Warning(ILogger logger, LogLevel level, double percent, long used, long capacity, FillForecast forecast, double drainPercent);

    [LoggerMessage(EventId = 1402, EventName = "ArenaDraining", Message =
        "The process arena is {Percent:0.0} % full ({Used} of {Capacity} bytes): draining. The readiness check fails and HTTP/1.1 answers close their connections; {Forecast}.")]
    public static partial void Draining(ILogger logger, LogLevel level, double percent, long used, long capacity, FillForecast forecast);

    [LoggerMessage(EventId = 1403, EventName = "ArenaRestartDue", Message =
        "The process arena is {Percent:0.0} % full ({Used} of {Capacity} bytes) and has drained for {Drained}: a restart is due. The liveness check fails.")]
    public static partial void Due(ILogger logger, LogLevel level, double percent, long used, long capacity, WholeSeconds drained);

    [LoggerMessage(1404, LogLevel.Information, "The process arena is {Percent:0.0} % full ({Used} of {Capacity} bytes): back from {From} to {To}.", EventName = "ArenaPhaseFell")]
    public static partial void Fell(ILogger logger, double percent, long used, long capacity, RestartPhase from, RestartPhase to);

    [LoggerMessage(1405, LogLevel.Warning, "This process fills its arena within {Life} of its start. Kubernetes takes back its growing restart delay (10 s, doubling to 300 s) only after a life of 10 minutes, so pods that live shorter end in CrashLoopBackOff. {Remedies}", EventName = "ArenaLifeShort")]
    public static partial void LifeShort(ILogger logger, WholeSeconds life, string remedies);

    [LoggerMessage(1406, LogLevel.Information, "Self-drain: the host will be stopped in {Delay}, with exit code {ExitCode}.", EventName = "SelfDrainBegins")]
    public static partial void SelfDrainBegins(ILogger logger, TimeSpan delay, int exitCode);

    [LoggerMessage(1407, LogLevel.Information, "Self-drain: stopping the host, with exit code {ExitCode}.", EventName = "SelfDrainStops")]
    public static partial void SelfDrainStops(ILogger logger, int exitCode);

    [LoggerMessage(1408, LogLevel.Information, "The thresholds of the process arena are now: warn at {WarnAt:0.###}, drain at {DrainAt:0.###} (with this process's jitter), restart at {LiveAt:0.###}.", EventName = "ArenaThresholds")]
    public static partial void Thresholds(ILogger logger, double warnAt, double drainAt, double liveAt);

    [LoggerMessage(1415, LogLevel.Warning, "The process arena is {Percent:0.0} % full ({Used} of {Capacity} bytes) after a life of {Life}: too short to restart (MinLife), for another {HeldBack}. Neither health check fails; what finds no room goes by OneShot:Exhaustion. If this is not an attack, Capacity is too small.", EventName = "ArenaRestartHeldBack")]
    public static partial void HeldBack(ILogger logger, double percent, long used, long capacity, WholeSeconds life, WholeSeconds heldBack);
}
