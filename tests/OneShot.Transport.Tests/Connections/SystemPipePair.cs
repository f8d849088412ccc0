using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace OneShot.Transport.Tests.Connections;

/// <summary>Two pipes of the framework, set up as Kestrel's socket transport does.</summary>
internal sealed class SystemPipePair : PipePair
{
    private readonly Pipe _input = new(new PipeOptions(
        readerScheduler: PipeScheduler.ThreadPool, writerScheduler: PipeScheduler.ThreadPool,
        pauseWriterThreshold: 1024 * 1024, resumeWriterThreshold: 512 * 1024, useSynchronizationContext: false));

    private readonly Pipe _output = new(new PipeOptions(
        readerScheduler: PipeScheduler.ThreadPool, writerScheduler: PipeScheduler.ThreadPool,
        pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false));

    public override PipeReader Reader => _input.Reader;

    public override PipeWriter Writer => _output.Writer;

    public override async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _input.Writer.WriteAsync(bytes);

    public override void EndSending() => _input.Writer.Complete();

    public override void Reset()
    {
        _input.Writer.Complete(new ConnectionResetException("gone"));
        _output.Reader.Complete();
    }

    public override async Task<byte[]> ReceiveAsync(int count)
    {
        try
        {
            ReadResult result = await _output.Reader.ReadAtLeastAsync(count).Soon();
            ReadOnlySequence<byte> bytes = result.Buffer.Slice(0, Math.Min(count, result.Buffer.Length));
            byte[] received = bytes.ToArray();
            _output.Reader.AdvanceTo(bytes.End);
            return received;
        }
        catch (InvalidOperationException exception)
        {
            throw new IOException("broken off", exception);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _input.Writer.Complete();
        _input.Reader.Complete();
        _output.Writer.Complete();
        _output.Reader.Complete();
        return default;
    }
}
