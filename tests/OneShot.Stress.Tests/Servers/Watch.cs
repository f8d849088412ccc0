using System.Collections.Concurrent;

namespace OneShot.Stress.Tests.Servers;

/// <summary>What must not happen anywhere in the process while it is watched, and what the server says at level Error.</summary>
internal sealed class Watch : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly EventHandler<UnobservedTaskExceptionEventArgs> _onUnobserved;
    private readonly Func<Exception?, bool> _isExpected;

    /// <param name="isExpected">Whether an error in the log is one that the application meant to make.</param>
    public Watch(Func<Exception?, bool> isExpected)
    {
        _isExpected = isExpected;
        _onUnobserved = (_, unobserved) => Complain($"Unobserved: {unobserved.Exception}");
        TaskScheduler.UnobservedTaskException += _onUnobserved;
    }

    /// <summary>Errors in the log that were meant.</summary>
    public int Expected => _expected;

    private int _expected;

    public void Complain(string complaint) => _complaints.Enqueue(complaint);

    /// <summary>Looks for tasks that failed unseen, then for anything that was said.</summary>
    public void AssertNothing(string when)
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        string[] complaints = [.. _complaints];
        Assert.True(complaints.Length == 0, $"{when}: {complaints.Length} complaints, the first ones:\n{string.Join("\n\n", complaints.Take(5))}");
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose() => TaskScheduler.UnobservedTaskException -= _onUnobserved;

    private sealed class Logger(Watch watch, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // Everything is formatted, as it would be under a log that takes everything.
        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string message = formatter(state, exception);
            if (logLevel < LogLevel.Error)
            {
                return;
            }

            if (watch._isExpected(exception))
            {
                Interlocked.Increment(ref watch._expected);
                return;
            }

            watch.Complain($"{logLevel} {category} {eventId}: {message}\n{exception}");
        }
    }
}
