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

    /// <summary>Sends the batches in turn until that many requests are answered.</summary>
    /// <param name="batches">Each is one write, of as many requests.</param>
    /// <param name="batchSize">Requests in a batch.</param>
    /// <param name="requests">How many in all.</param>
    internal Task<Cost> DriveAsync(byte[][] batches, int batchSize, int requests) => Task.Run(async () =>
    {
        long answer = await AnswerLengthAsync(batches[0], batchSize);
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        double start = ThreadClock.Nanoseconds;
        for (int sent = 0, batch = 0; sent < requests; sent += batchSize, batch++)
        {
            await _output.WriteAsync(batches[batch % batches.Length]);
            await ReadAsync(answer);
        }

        double nanoseconds = (ThreadClock.Nanoseconds - start) / requests;
        return new Cost(nanoseconds, (GC.GetAllocatedBytesForCurrentThread() - bytes) / (double)requests);
    });

    private async ValueTask ReadAsync(long length)
    {
        while (true)
        {
            if (!_input.TryRead(out ReadResult result))
            {
                result = await _input.ReadAsync();
                await Task.Yield();
            }

            if (result.Buffer.Length < length)
            {
                _input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                continue;
            }

            ThrowIfNotOk(result.Buffer);
            _input.AdvanceTo(result.Buffer.End);
            return;
        }
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
                _input.AdvanceTo(result.Buffer.End);
                return result.Buffer.Length;
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
