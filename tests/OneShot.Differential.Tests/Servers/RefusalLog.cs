using System.Collections.Concurrent;

namespace OneShot.Differential.Tests.Servers;

/// <summary>Why a server refused something, as it tells its log: status codes alone are too coarse to hold a rule against.</summary>
internal sealed class RefusalLog : ILoggerProvider
{
    internal const string FrontCategory = "OneShot.AspNetCore.Http1";
    internal const string StockCategory = "Microsoft.AspNetCore.Server.Kestrel.BadRequests";

    /// <summary>Stands for the reason where the front only says that it has given up on the rest of a body.</summary>
    internal const string NotDrained = "(not drained)";

    private readonly ConcurrentDictionary<string, string> _byConnection = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
    }

    /// <summary>The first refusal on a connection, which has ended; empty when there was none.</summary>
    internal string Take(string connectionId) => _byConnection.TryRemove(connectionId, out string? reason) ? reason : "";

    private void Add(EventId eventId, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        string? connection = null;
        string? reason = eventId.Name == "BodyNotDrained" ? NotDrained : null;
        foreach ((string name, object? value) in fields)
        {
            switch (name)
            {
                case "ConnectionId":
                    connection = value as string;
                    break;
                case "Reason" or "Message" or "message":
                    reason = value as string;
                    break;
            }
        }

        if (connection is not null && reason is not null)
        {
            _byConnection.TryAdd(connection, reason);
        }
    }

    private sealed class Logger(RefusalLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (state is IReadOnlyList<KeyValuePair<string, object?>> fields)
            {
                log.Add(eventId, fields);
            }
        }
    }
}
