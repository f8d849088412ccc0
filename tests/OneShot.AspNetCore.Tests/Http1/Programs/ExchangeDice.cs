using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace OneShot.AspNetCore.Tests.Http1.Programs;

/// <summary>Makes programs: the same seed, the same program.</summary>
/// <remarks>
/// It leaves out what <c>docs/http1-differences.md</c> says is different, and what depends on the moment: tokens that fire on
/// another thread, and <c>TryRead</c> of a chunked body, which Kestrel decodes on another thread. A callback before the start
/// does not write: Kestrel then sends a second head.
/// </remarks>
internal sealed class ExchangeDice(int seed)
{
    private static readonly (string Head, string[][] Bodies)[] s_requests =
    [
        ("GET /program HTTP/1.1\r\nHost: a\r\n\r\n", [[]]),
        ("HEAD /program HTTP/1.1\r\nHost: a\r\n\r\n", [[]]),
        ("GET /program HTTP/1.0\r\n\r\n", [[]]),
        ("GET /program HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", [[]]),
        ("GET /program HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", [[]]),
        ("POST /program HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", [[]]),
        ("POST /program HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n", [["0123456789"], ["01234", "56789"], ["", "0123456789"], ["0", "12345", "6789"]]),
        ("POST /program HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            [["5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"], ["5\r\n01234\r\n", "5\r\n56789\r\n0\r\n\r\n"], ["a\r\n01234", "56789\r\n0\r\nx: y\r\n\r\n"]]),
        ("POST /program HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", [["5\r\n01234\r\nx\r\n"], ["5\r\n01234\r\n", "nonsense\r\n"]]),
        ("GET /program HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", [["raw"]]),
    ];

    private static readonly int[] s_statusesWithBody = [200, 201, 404, 500];
    private static readonly int[] s_statuses = [200, 201, 204, 205, 304, 404, 500];
    private readonly Random _random = new(seed);
    private bool _hasLengths;
    private bool _isInStart;
    private bool _hasLater; // nothing may then go on while a callback runs

    internal ExchangeProgram Make()
    {
        (string head, string[][] bodies) = Of(s_requests);
        _hasLengths = _random.Next(2) == 0; // or statuses that forbid it (status-framing)
        bool isUpgrade = head.Contains("Upgrade", StringComparison.Ordinal);
        List<ExchangeStep> steps = Steps(_random.Next(1, 9), hasBody: true, isUpgrade, depth: 0);
        bool hasNoLate = steps.Exists(step => step.Name.Contains("advance", StringComparison.Ordinal) || step.Name.Contains("status 205", StringComparison.Ordinal)); // Kestrel serves no next request then
        string[] pieces = Of(bodies);
        if (steps.Exists(step => step.Name.StartsWith("on ", StringComparison.Ordinal) && step.Name.Contains("read", StringComparison.Ordinal)))
        {
            pieces = [string.Concat(pieces)]; // a callback may run when the client sends what is left
        }

        return new ExchangeProgram(seed, head, pieces, steps, hasNoLate ? [] : LateSteps());
    }

    private List<ExchangeStep> Steps(int count, bool hasBody, bool isUpgrade, int depth)
    {
        List<ExchangeStep> steps = [];
        for (int i = 0; i < count; i++)
        {
            int kind = _random.Next(100);
            if (_isInStart && kind >= 55 && kind is < 60 or >= 64)
            {
                kind = 40;
            }

            steps.Add(kind < 25 && hasBody ? Reading() : kind < 35 && isUpgrade && !_isInStart ? Upgrading() : kind < 55 ? Heading() : kind < 60 && depth == 0 ? Registering(hasBody, isUpgrade) : kind < 64 ? Ending() : Writing());
        }

        return steps;
    }

    private List<ExchangeStep> LateSteps()
    {
        List<ExchangeStep> steps = [];
        for (int i = _random.Next(3); i > 0; i--)
        {
            steps.Add(_random.Next(3) == 0 ? Reading() : Writing());
        }

        return steps;
    }

    private ExchangeStep Heading()
    {
        int status = Of(_hasLengths ? s_statusesWithBody : s_statuses);
        int length = Of([0, 3, 5, 8]);
        return _random.Next(7) switch
        {
            1 when !_hasLengths => Do("header", actor => actor.Response.Headers["X-Other"] = "2"),
            0 => Do($"status {status}", actor => actor.Response.StatusCode = status),
            1 => Do($"length {length}", actor => actor.Response.Headers.ContentLength = length),
            2 => Do("no length", actor => actor.Response.Headers.ContentLength = null),
            3 => Do("header", actor => actor.Response.Headers["X-Set"] = "1"),
            6 => Do("trailer of the response", actor => actor.Context.Response.AppendTrailer("x", "y")), // HTTP/1.1 has none, on either server
            4 => Do("close", actor => actor.Response.Headers.Connection = "close"),
            _ => Do("clear", actor => actor.Response.Headers.Clear()),
        };
    }

    private ExchangeStep Writing()
    {
        int count = Of([0, 1, 3, 5, 8]);
        byte[] bytes = Encoding.ASCII.GetBytes("abcdefgh"[..count]);
        return _random.Next(17) switch
        {
            0 => Await("start", async actor => await actor.Body.StartAsync()),
            1 => Await("start, cancelled", async actor => await actor.Body.StartAsync(new CancellationToken(canceled: true))),
            2 or 3 => Await($"write {count}", async actor => await actor.Output.WriteAsync(bytes)),
            4 => Await("flush stream", async actor => await actor.Output.FlushAsync()),
            5 or 6 => new ExchangeStep($"pipe write {count}", async actor => Tell(await actor.Writer.WriteAsync(bytes))),
            7 => new ExchangeStep("pipe flush", async actor => Tell(await actor.Writer.FlushAsync())),
            8 or 9 => Do($"advance {count}", actor =>
            {
                bytes.CopyTo(actor.Writer.GetMemory(count));
                actor.Writer.Advance(count);
            }),
            13 => Do("cancel flush", actor => actor.Writer.CancelPendingFlush()),
            14 => Do("allow synchronous", actor => actor.Control.AllowSynchronousIO = true),
            15 => Do($"synchronous write {count}", actor => actor.Output.Write(bytes, 0, bytes.Length)),
            16 => Do("synchronous flush", actor => actor.Output.Flush()),
            10 => Await("complete", async actor => await actor.Body.CompleteAsync()),
            11 => _random.Next(2) == 0 || _hasLater
                ? Await("pipe complete", async actor => await actor.Writer.CompleteAsync())
                : Do("pipe complete at once", actor => actor.Writer.Complete()),
            _ => Await($"write {count}, cancelled", async actor => await actor.Output.WriteAsync(bytes, new CancellationToken(canceled: true))),
        };
    }

    private ExchangeStep Reading()
    {
        int count = Of([1, 4, 20]);
        return _random.Next(12) switch
        {
            0 or 1 => new ExchangeStep($"read {count}", async actor => Count(actor, await actor.FeedAsync(actor.Input.ReadAsync(new byte[count]).AsTask()))),
            2 => new ExchangeStep("read all", async actor =>
            {
                using var all = new MemoryStream();
                await actor.FeedAsync(CopyAsync(actor, all));
                return Encoding.ASCII.GetString(all.ToArray());
            }),
            3 => new ExchangeStep($"pipe read {count}", async actor =>
            {
                ReadResult result = await actor.FeedAsync(actor.Reader.ReadAsync().AsTask());
                string told = Tell(actor, result);
                actor.Reader.AdvanceTo(result.Buffer.GetPosition(Math.Min(count, result.Buffer.Length)));
                return told;
            }),
            4 => new ExchangeStep("pipe read to the end", async actor =>
            {
                ReadResult result;
                do
                {
                    result = await actor.FeedAsync(actor.Reader.ReadAsync().AsTask());
                    actor.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                }
                while (!result.IsCompleted);

                return Encoding.ASCII.GetString(result.Buffer);
            }),
            5 => new ExchangeStep("pipe cancel, read", async actor =>
            {
                actor.Reader.CancelPendingRead();
                ReadResult result = await actor.FeedAsync(actor.Reader.ReadAsync().AsTask());
                string told = Tell(actor, result);
                actor.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                return told;
            }),
            8 => new ExchangeStep("try read", actor =>
            {
                if (actor.IsChunked || !actor.Reader.TryRead(out ReadResult result))
                {
                    return Task.FromResult("nothing");
                }

                string told = Tell(actor, result);
                actor.Reader.AdvanceTo(result.Buffer.GetPosition(Math.Min(count, result.Buffer.Length)));
                return Task.FromResult(told);
            }),
            9 => new ExchangeStep("read to the trailers", async actor =>
            {
                await actor.FeedAsync(CopyAsync(actor, new MemoryStream()));
                return !actor.RequestTrailers.Available ? "none to come" : string.Join(", ", actor.RequestTrailers.Trailers);
            }),
            10 => new ExchangeStep($"synchronous read {count}", async actor =>
            {
                await actor.SendRestAsync(); // it would wait for what only this thread sends
                return Count(actor, actor.Input.Read(new byte[count], 0, count));
            }),
            11 => Do("reader complete, failed", actor => actor.Reader.Complete(new InvalidOperationException("the application is done with it"))),
            6 => Do("reader complete", actor => actor.Reader.Complete()),
            _ => Do($"limit {count * 5}", actor => actor.MaxSize.MaxRequestBodySize = count * 5),
        };
    }

    private ExchangeStep Upgrading() => _random.Next(4) switch
    {
        0 or 1 => Await("upgrade", async actor => actor.Upgraded = await actor.Upgrade!.UpgradeAsync()),
        2 => Await("upgraded write", async actor => await (actor.Upgraded?.WriteAsync("raw"u8.ToArray()) ?? default)),
        _ => new ExchangeStep("upgraded read", async actor => actor.TakeRaw() is { } stream
            ? (await actor.FeedAsync(stream.ReadAsync(new byte[3]).AsTask())).ToString(CultureInfo.InvariantCulture)
            : "none"),
    };

    private ExchangeStep Registering(bool hasBody, bool isUpgrade)
    {
        bool yields = _random.Next(2) == 0;
        _hasLater |= yields;
        bool starting = _random.Next(3) > 0;
        _isInStart = starting;
        List<ExchangeStep> inner = Steps(_random.Next(1, 3), hasBody, isUpgrade, depth: 1);
        _isInStart = false;
        string name = $"{(starting ? "on starting" : "on completed")}{(yields ? ", later" : "")} ({string.Join(", ", inner)})";
        return Do(name, actor =>
        {
            if (starting)
            {
                actor.Response.OnStarting(RunAsync, actor);
            }
            else
            {
                actor.Response.OnCompleted(RunAsync, actor);
            }
        });

        async Task RunAsync(object state)
        {
            if (yields)
            {
                await Task.Yield();
            }

            await ((ExchangeActor)state).RunAsync(inner);
        }
    }

    private ExchangeStep Ending() => _random.Next(5) switch
    {
        0 => Do("throw", _ => throw new ProgramEnd(new InvalidOperationException("the application fails"))),
        1 => Do("throw bad request", _ => throw new ProgramEnd(new BadHttpRequestException("bad", 418))),
        2 => Do("throw cancelled", _ => throw new ProgramEnd(new OperationCanceledException())),
        3 => Do("throw reset", _ => throw new ProgramEnd(new ConnectionResetException("not of this connection"))),
        _ => Do("abort", actor => actor.Lifetime.Abort()),
    };

    private static async Task<bool> CopyAsync(ExchangeActor actor, MemoryStream destination)
    {
        await actor.Input.CopyToAsync(destination);
        return true;
    }

    private static string Tell(FlushResult result) => $"{(result.IsCompleted ? "completed" : "")}{(result.IsCanceled ? " cancelled" : "")}";

    private static string Tell(ExchangeActor actor, ReadResult result) =>
        (result.IsCanceled ? "cancelled " : "") + (actor.IsChunked ? "" : $"{Encoding.ASCII.GetString(result.Buffer)} {result.IsCompleted}");

    private static string Count(ExchangeActor actor, int count) => actor.IsChunked ? "" : count.ToString(CultureInfo.InvariantCulture);

    private static ExchangeStep Do(string name, Action<ExchangeActor> action) => new(name, actor =>
    {
        action(actor);
        return Task.FromResult("done");
    });

    private static ExchangeStep Await(string name, Func<ExchangeActor, Task> action) => new(name, async actor =>
    {
        await action(actor);
        return "done";
    });

    private T Of<T>(T[] choices) => choices[_random.Next(choices.Length)];
}
