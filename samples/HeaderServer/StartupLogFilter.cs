namespace HeaderServer;

/// <summary>
/// Until the server has started, keeps the host and Kestrel from logging the failure that <see cref="StartFailure"/> tells
/// in one line: each of them would log it once more, with its stack trace.
/// </summary>
internal sealed class StartupLogFilter
{
    private volatile bool _started;

    public static StartupLogFilter AddTo(ILoggingBuilder logging)
    {
        StartupLogFilter filter = new();
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", filter.ShouldLog);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", filter.ShouldLog);
        return filter;
    }

    public void EndWhenStarted(IHostApplicationLifetime lifetime) => lifetime.ApplicationStarted.Register(() => _started = true);

    private bool ShouldLog(LogLevel level) => _started ? level >= LogLevel.Warning : level == LogLevel.Warning;
}
