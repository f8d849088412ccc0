namespace HeaderServer;

/// <summary>
/// Until the server has started, keeps the host and Kestrel from logging the failure that <see cref="StartFailure"/> tells
/// in one line: each of them would log it once more, with its stack trace.
/// </summary>
internal sealed class StartupSilence
{
    private volatile bool _started;

    public static StartupSilence Over(ILoggingBuilder logging)
    {
        StartupSilence silence = new();
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", silence.Lets);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", silence.Lets);
        return silence;
    }

    public void EndWhenStarted(IHostApplicationLifetime lifetime) => lifetime.ApplicationStarted.Register(() => _started = true);

    private bool Lets(LogLevel level) => _started ? level >= LogLevel.Warning : level == LogLevel.Warning;
}
