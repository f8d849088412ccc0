using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1.Programs;

/// <summary>A server whose application does what programs say.</summary>
internal sealed class ExchangeHost : IAsyncDisposable
{
    private const string Next = "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    private readonly ConcurrentDictionary<string, Run> _runs = new();
    private readonly ErrorCount _errors = new();
    private FrontServer _server = null!;

    internal static async Task<ExchangeHost> StartAsync(bool front)
    {
        var host = new ExchangeHost();
        host._server = await FrontServer.StartAsync(host.ServeAsync, front: front, services: services => services.AddSingleton<ILoggerProvider>(host._errors), endpoint: listen => listen.Use(next => async connection =>
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            connection.Features.Set(ended);
            connection.Transport = new CutTransport((InMemoryConnectionContext)connection, connection.Transport);
            await next(connection);
            ended.SetResult();
        }));
        return host;
    }

    /// <summary>The arena under the host's requests.</summary>
    internal ProcessArena Arena => _server.Services.GetRequiredService<ProcessArena>();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Every other step is done on a second thread; the body is there at once, and nothing is done later.</summary>
    /// <param name="program">The program.</param>
    /// <param name="waits">The application waits for the second thread before it returns.</param>
    internal Task<ExchangeOutcome> RunOnTwoThreadsAsync(ExchangeProgram program, bool waits) =>
        RunAsync(program with { Pieces = [string.Concat(program.Pieces)], LateSteps = [] }, threads: waits ? Threads.TwoAwaited : Threads.Two);

    /// <summary>What another client gets.</summary>
    internal async Task<string> AskNextAsync()
    {
        await using InMemoryConnection client = _server.Connect();
        await client.SendAsync(Next);
        return WireText.Describe(Encoding.Latin1.GetString(await ReadAllAsync(client)), toHead: false);
    }

    private static async Task<byte[]> ReadAllAsync(InMemoryConnection client)
    {
        using var all = new MemoryStream();
        await client.Input.CopyToAsync(all).WaitAsync(Limits.Patience);
        return all.ToArray();
    }

    internal async Task<ExchangeOutcome> RunAsync(ExchangeProgram program, int abortAfter = -1, Threads threads = Threads.One)
    {
        await using InMemoryConnection client = _server.Connect();
        var run = new Run(program, client, abortAfter, threads);
        string id = string.Create(CultureInfo.InvariantCulture, $"{program.Seed}-{Guid.NewGuid():N}");
        _runs[id] = run;
        int errors = _errors.Count;

        await client.SendAsync(program.Head.Replace("/program ", $"/{id} ", StringComparison.Ordinal) + (program.Pieces.Count > 0 ? program.Pieces[0] : ""));
        await run.Returned.Task.WaitAsync(Limits.Patience);
        await run.Actor!.SendRestAsync();
        await client.SendAsync(Next);
        string sent = Encoding.Latin1.GetString(await ReadAllAsync(client));
        await run.Ended!.WaitAsync(Limits.Patience);
        if (!run.Actor.IsLate)
        {
            await run.RunLateAsync(); // the connection has ended
        }

        await run.Second;
        _runs.TryRemove(id, out _);
        return new ExchangeOutcome(
            run.Actor.Trace,
            sent,
            WireText.Describe(sent, program.IsHead),
            client.IsCut,
            _errors.Count - errors,
            run.LoggedStatus);
    }

    private async Task ServeAsync(HttpContext context)
    {
        string id = context.Request.Path.Value![1..];
        if (id == "next")
        {
            if (context.Features.Get<IPersistentStateFeature>()!.State.TryGetValue(typeof(Run), out object? before))
            {
                await ((Run)before!).RunLateAsync();
            }

            await context.Response.WriteAsync("next");
            return;
        }

        Run run = _runs[id];
        context.Features.Get<IPersistentStateFeature>()!.State[typeof(Run)] = run;
        run.Ended = context.Features.Get<TaskCompletionSource>()!.Task;
        run.Actor = new ExchangeActor(context, run.Program, run.Client.SendAsync) { AbortAfter = run.AbortAfter };
        context.Response.OnCompleted(() =>
        {
            run.LoggedStatus = context.Response.StatusCode;
            return Task.CompletedTask;
        });
        try
        {
            await run.RunStepsAsync();
        }
        finally
        {
            run.Returned.TrySetResult();
        }
    }

    /// <summary>Errors in the log, but for requests that the application finds bad, which Kestrel logs as such.</summary>
    private sealed class ErrorCount : ILoggerProvider, ILogger
    {
        private int _count;

        internal int Count => Volatile.Read(ref _count);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel) && exception is not BadHttpRequestException)
            {
                Interlocked.Increment(ref _count);
            }
        }

        public void Dispose()
        {
        }
    }

    private sealed class Run(ExchangeProgram program, InMemoryConnection client, int abortAfter, Threads threads)
    {
        internal int AbortAfter => abortAfter;

        internal ExchangeProgram Program => program;

        internal InMemoryConnection Client => client;

        internal ExchangeActor? Actor { get; set; }

        /// <summary>The connection's end, when the server is done with it.</summary>
        internal Task? Ended { get; set; }

        internal int LoggedStatus { get; set; }

        internal TaskCompletionSource Returned { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The other thread's part, whatever it meets.</summary>
        internal Task Second { get; private set; } = Task.CompletedTask;

        internal async Task RunStepsAsync()
        {
            if (threads == Threads.One)
            {
                await Actor!.RunAsync(program.Steps);
                return;
            }

            Task second = Task.Run(() => Actor!.RunAsync([.. program.Steps.Where((_, i) => i % 2 == 1)]));
            Second = second.ContinueWith(static _ => { }, TaskScheduler.Default);
            await Actor!.RunAsync([.. program.Steps.Where((_, i) => i % 2 == 0)]);
            if (threads == Threads.TwoAwaited)
            {
                await second;
            }
        }

        internal Task RunLateAsync()
        {
            Actor!.IsLate = true;
            return Actor.RunAsync(Program.LateSteps);
        }
    }
}

/// <summary>Who does a program's steps.</summary>
internal enum Threads
{
    One,
    Two,
    TwoAwaited,
}

/// <summary>What a client makes of the bytes: heads without their dates, bodies out of their framing, and whether each has come whole.</summary>
internal static class WireText
{
    internal static string Describe(string sent, bool toHead)
    {
        var text = new StringBuilder();
        string rest = sent;
        bool first = true;
        while (rest.Length > 0)
        {
            int end = rest.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (!rest.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || end < 0)
            {
                text.Append("raw: ").AppendLine(rest);
                break;
            }

            string[] lines = rest[..end].Split("\r\n");
            text.Append(lines[0]).Append(" | ").AppendLine(string.Join(
                " | ", lines.Skip(1).Where(line => !line.StartsWith("Date: ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)));
            string status = lines[0].Split(' ')[1];
            rest = rest[(end + 4)..];
            if (status == "101")
            {
                text.Append("raw: ").AppendLine(rest);
                break;
            }

            if (!(first && toHead) && status is not ("204" or "304" or "100"))
            {
                rest = TakeBody(text, lines, rest);
            }

            first &= status == "100";
        }

        return text.ToString();
    }

    private static string TakeBody(StringBuilder text, string[] lines, string rest)
    {
        if (lines.Contains("Transfer-Encoding: chunked"))
        {
            var body = new StringBuilder();
            while (true)
            {
                int line = rest.IndexOf("\r\n", StringComparison.Ordinal);
                if (line < 0 || !int.TryParse(rest[..line], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int size) || rest.Length < line + 4 + size)
                {
                    text.Append("chunks, cut: ").Append(body).Append('|').AppendLine(rest);
                    return "";
                }

                body.Append(rest, line + 2, size);
                rest = rest[(line + 4 + size)..];
                if (size == 0)
                {
                    text.Append("chunks: ").Append(body).AppendLine();
                    return rest;
                }
            }
        }

        string? length = lines.FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal))?[16..];
        if (length is null)
        {
            text.Append("until the end: ").AppendLine(rest);
            return "";
        }

        int promised = int.Parse(length, CultureInfo.InvariantCulture);
        int come = Math.Min(promised, rest.Length);
        text.Append(come < promised ? "length, cut: " : "length: ").AppendLine(rest[..come]);
        return rest[come..];
    }
}
