using Microsoft.Extensions.Logging;

namespace OneShot.Transport;

/// <summary>
/// The transport's log. What a provider throws, one that has been disposed for instance, ends here: half-way through a connection's end, or
/// on a thread that nobody called, it would do more harm than a lost line.
/// </summary>
internal sealed class UnfailingLogger(ILogger inner) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // Nobody is left to be told.
        }
    }
}
