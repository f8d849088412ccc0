using System.Globalization;
using Microsoft.Extensions.Logging;

namespace OneShot.Benchmarks.Server;

/// <summary>
/// What a request pays for logs that nobody reads: with any provider, the host makes an activity and a scope for each, whatever the level. The
/// same small request everywhere, all in turn.
/// </summary>
internal static class ServerLogging
{
    private const string HostCategory = "Microsoft.AspNetCore.Hosting.Diagnostics";

    internal static async Task RunAsync()
    {
        (string Name, Action<ILoggingBuilder> Log)[] ways =
        [
            ("no provider of logs", static _ => { }),
            ("a provider that takes scopes, level `Warning`", static log => log.AddProvider(new Sink()).SetMinimumLevel(LogLevel.Warning)),
            ("the same, the host's category off", static log => log.AddProvider(new Sink()).SetMinimumLevel(LogLevel.Warning).AddFilter(HostCategory, LogLevel.None)),
        ];
        ServerKind[] kinds = [ServerKind.Kestrel, ServerKind.Front];
        await using ServerSides sides = await ServerSides.StartAsync(kinds.SelectMany(kind => ways.Select(way => ServerSide.StartAsync(kind, way.Log))));
        Rounds rounds = await Rounds.RunAsync(sides.All, ServerScenario.All[1], (Rounds: 21, Requests: 20_000));
        Console.WriteLine("| logs | Kestrel | bytes | front | bytes |");
        Console.WriteLine("|---|---|---|---|---|");
        for (int i = 0; i < ways.Length; i++)
        {
            int front = i + ways.Length;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {ways[i].Name} | {rounds.Nanoseconds(i):F0} ns | {rounds.Bytes(i):F0} | {rounds.Nanoseconds(front):F0} ns | {rounds.Bytes(front):F0} |"));
        }
    }

    /// <summary>As a provider that writes asynchronously, without the writing: takes scopes, and is asked for nothing below its level.</summary>
    private sealed class Sink : ILoggerProvider, ISupportExternalScope, ILogger
    {
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public ILogger CreateLogger(string categoryName) => this;

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => _scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
        }

        public void Dispose()
        {
        }
    }
}
