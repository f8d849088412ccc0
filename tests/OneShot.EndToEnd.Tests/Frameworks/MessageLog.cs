using System.Collections.Concurrent;

namespace OneShot.EndToEnd.Tests.Frameworks;

/// <summary>Keeps what one part of the framework logs, whoever reads it.</summary>
internal sealed class MessageLog(string prefix) : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _messages = new();

    public override string ToString() => string.Join('\n', _messages);

    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith(prefix, StringComparison.Ordinal) ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _messages.Enqueue(formatter(state, exception));

    public void Dispose()
    {
    }

    internal void Clear() => _messages.Clear();
}
