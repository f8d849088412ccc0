using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OneShot.Testing;

/// <summary>One thing that was logged.</summary>
public sealed record LogEntry(string Category, LogLevel Level, EventId Event, string Message, Exception? Exception)
{
    /// <summary>Event, message and exception in a line.</summary>
    public override string ToString() => $"{Event} {Message} {Exception?.GetType()} {Exception?.Message}";
}

/// <summary>Keeps what was logged, for tests that ask whether something was said, or not.</summary>
/// <param name="least">What is below that level is not asked for.</param>
public sealed class RecordingLog(LogLevel least = LogLevel.Trace) : ILoggerProvider
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();

    public IEnumerable<LogEntry> Entries => _entries;

    /// <summary>The messages that warn, or tell of something worse.</summary>
    public IEnumerable<string> Warnings => _entries.Where(entry => entry.Level >= LogLevel.Warning).Select(entry => entry.Message);

    /// <summary>What was logged as an error: a client that got its answer does not see what went wrong behind it.</summary>
    public IEnumerable<string> Errors => _entries.Where(entry => entry.Level >= LogLevel.Error).Select(entry => entry.ToString());

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private bool Takes(LogLevel level) => level >= least;

    private sealed class Logger(RecordingLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => log.Takes(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (log.Takes(logLevel))
            {
                log._entries.Enqueue(new LogEntry(category, logLevel, eventId, formatter(state, exception), exception));
            }
        }
    }
}
