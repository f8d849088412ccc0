using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>
/// A transport says that the connection has ended by throwing, at any of its calls: out of the call itself, as a <see cref="Pipe"/>
/// whose reader has failed, or out of the task. Either is the client's end, and no error of the application.
/// </summary>
public sealed class TransportFailureTests
{
    private const string Requests =
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n" +
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" +
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" +
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static readonly Dictionary<string, RequestDelegate> s_applications = new()
    {
        ["says nothing"] = _ => Task.CompletedTask,
        ["writes"] = context => context.Response.WriteAsync("hello"),
        ["writes after a wait"] = async context =>
        {
            await Task.Yield();
            await context.Response.WriteAsync("hello");
        },
        ["echoes"] = context => context.Request.BodyReader.CopyToAsync(context.Response.BodyWriter),
        ["starts and completes"] = async context =>
        {
            await context.Response.StartAsync();
            await context.Response.BodyWriter.WriteAsync("hello"u8.ToArray());
            await context.Response.CompleteAsync();
        },
        ["writes much"] = context => context.Response.WriteAsync(new string('a', 100_000)),
        ["does not await"] = context =>
        {
            _ = context.Response.WriteAsync("hello");
            return context.Response.WriteAsync("hello");
        },
    };

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (string application in s_applications.Keys)
            {
                cases.Add(application, true);
                cases.Add(application, false);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Is_the_clients_end_and_nobodys_error(string application, bool isAtOnce)
    {
        foreach (Func<Exception> end in new Func<Exception>[] { () => new ConnectionAbortedException(), () => new ConnectionResetException("Reset.") })
        {
            for (int call = 0, calls = int.MaxValue; call < calls; call++)
            {
                var failure = new Failure(call, isAtOnce, end);
                await using FrontServer server = await FrontServer.StartAsync(s_applications[application], endpoint: listen => listen.Use(next => async connection =>
                {
                    IDuplexPipe transport = connection.Transport;
                    connection.Transport = new Pair(new FailingReader(transport.Input, failure), new FailingWriter(transport.Output, failure));
                    await next(connection);
                }));
                await using (InMemoryConnection client = server.Connect())
                {
                    await client.SendAsync(Requests);
                    await client.FinishSendingAsync();
                    await ReadToEndAsync(client.Input);
                }

                await server.StopAsync();
                Assert.DoesNotContain(server.Log.Entries, entry => entry.Level >= LogLevel.Error);
                calls = failure.Calls > call ? int.MaxValue : call; // all of them have failed once
                Assert.True(call < 100);
            }
        }
    }

    private static async Task ReadToEndAsync(PipeReader answers)
    {
        bool isEnd = false;
        while (!isEnd)
        {
            ReadResult read = await answers.ReadAsync().AsTask().WaitAsync(Limits.Patience);
            answers.AdvanceTo(read.Buffer.End);
            isEnd = read.IsCompleted;
        }
    }

    private sealed record Pair(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Counts calls that may fail; the connection's n-th does, and all that follow.</summary>
    private sealed class Failure(int call, bool isAtOnce, Func<Exception> end)
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public bool IsNext() => Interlocked.Increment(ref _calls) > call;

        public ValueTask<T> Fail<T>() => isAtOnce ? throw end() : ValueTask.FromException<T>(end());
    }

    private sealed class FailingReader(PipeReader inner, Failure failure) : PipeReader
    {
        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            failure.IsNext() ? failure.Fail<ReadResult>() : inner.ReadAsync(cancellationToken);

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }

    private sealed class FailingWriter(PipeWriter inner, Failure failure) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            failure.IsNext() ? failure.Fail<FlushResult>() : inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
