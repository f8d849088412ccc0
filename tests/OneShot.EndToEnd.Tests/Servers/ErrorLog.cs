using System.Collections.Concurrent;

namespace OneShot.EndToEnd.Tests.Servers;

/// <summary>Keeps what was logged as an error: a client that got its answer does not see what went wrong behind it.</summary>
internal sealed class ErrorLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _errors = new();

    internal IReadOnlyCollection<string> Errors => _errors;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _errors.Enqueue($"{eventId} {formatter(state, exception)} {exception?.GetType()} {exception?.Message}");
        }
    }

    public void Dispose()
    {
    }
}
