using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace OneShot.Benchmarks.Server;

/// <summary>
/// The client's end of one connection. Both ends run inline on one thread, so a request is answered when its write returns;
/// what is not answered inline is waited for and spoils nothing but its round.
/// </summary>
internal sealed class ServerClient((PipeReader Input, PipeWriter Output) pipes)
{
    private readonly PipeReader _input = pipes.Input;
    private readonly PipeWriter _output = pipes.Output;

    /// <summary>What a request costs this thread, after one batch that tells how long the answers are.</summary>
    /// <param name="batches">Each is one write, of as many requests.</param>
    /// <param name="batchSize">Requests in a batch.</param>
    /// <param name="requests">How many in all.</param>
    internal Task<Cost> DriveAsync(byte[][] batches, int batchSize, int requests) => Task.Run(async () =>
    {
        long answer = await AnswerLengthAsync(batches[0], batchSize);
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        double start = ThreadClock.Nanoseconds;
        await SendAsync(batches, batchSize, requests, answer);
        double nanoseconds = (ThreadClock.Nanoseconds - start) / requests;
        return new Cost(nanoseconds, (GC.GetAllocatedBytesForCurrentThread() - bytes) / (double)requests);
    });

    /// <summary>Sends the batches in turn until that many requests are answered.</summary>
    /// <param name="batches">Each is one write, of as many requests.</param>
    /// <param name="batchSize">Requests in a batch.</param>
    /// <param name="requests">How many in all.</param>
    /// <param name="answer">Bytes that answer a batch.</param>
    internal async Task SendAsync(byte[][] batches, int batchSize, int requests, long answer)
    {
        for (int sent = 0, batch = 0; sent < requests; sent += batchSize, batch++)
        {
            await _output.WriteAsync(batches[batch % batches.Length]);

            // Not in a method of its own, nor by ReadAtLeastAsync: either makes an object for each answer that is waited for.
            while (true)
            {
                if (!_input.TryRead(out ReadResult result))
                {
                    result = await _input.ReadAsync();
                    await Task.Yield();
                }

                if (result.Buffer.Length < answer)
                {
                    _input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                    continue;
                }

                ThrowIfNotOk(result.Buffer);
                _input.AdvanceTo(result.Buffer.End);
                break;
            }
        }
    }

    /// <summary>How long the answer to a request is. Nothing says where one of unknown length ends, so it is waited for until nothing more comes.</summary>
    internal async Task<long> QuietAnswerLengthAsync(byte[] request)
    {
        await _output.WriteAsync(request);
        await Task.Delay(200);
        ReadResult result = await _input.ReadAsync();
        ThrowIfNotOk(result.Buffer);
        long length = result.Buffer.Length;
        _input.AdvanceTo(result.Buffer.End);
        return length;
    }

    /// <summary>All answers of a row are equally long: how long, the first batch tells.</summary>
    private async Task<long> AnswerLengthAsync(byte[] batch, int batchSize)
    {
        await _output.WriteAsync(batch);
        while (true)
        {
            ReadResult result = await _input.ReadAsync();
            string answers = Encoding.Latin1.GetString(result.Buffer);
            if (answers.Split("HTTP/1.1 200").Length > batchSize && answers.EndsWith("ok", StringComparison.Ordinal))
            {
                long length = result.Buffer.Length; // of what the pipe takes back
                _input.AdvanceTo(result.Buffer.End);
                return length;
            }

            ThrowIfNotOk(result.Buffer);
            _input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static void ThrowIfNotOk(ReadOnlySequence<byte> answer)
    {
        if (!new SequenceReader<byte>(answer).IsNext("HTTP/1.1 200"u8))
        {
            throw new InvalidOperationException($"A request was not answered with 200: {Encoding.Latin1.GetString(answer)}");
        }
    }
}

/// <summary>What one request has cost: time, and bytes of the managed heap.</summary>
internal readonly record struct Cost(double Nanoseconds, double Bytes);
