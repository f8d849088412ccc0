using System.IO.Pipelines;

namespace OneShot.AspNetCore.Http1.Tls;

/// <summary>
/// What is left of a connection for Kestrel's own HTTP/1.1 when the front serves it: an input whose end comes when the front
/// is done, and an output that leads nowhere, since nothing may be written beside the front.
/// </summary>
internal sealed class HandoverPipe(Func<Task> serve) : PipeReader, IDuplexPipe
{
    private bool _isServed;

    public PipeReader Input => this;

    public PipeWriter Output { get; } = PipeWriter.Create(Stream.Null);

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (!_isServed)
        {
            _isServed = true;
            await serve();
        }

        return new ReadResult(default, isCanceled: false, isCompleted: true);
    }

    public override bool TryRead(out ReadResult result)
    {
        result = new ReadResult(default, isCanceled: false, isCompleted: true);
        return _isServed;
    }

    /// <summary>Kestrel would end an idle connection of its own; this one has the front's clocks.</summary>
    public override void CancelPendingRead()
    {
    }

    public override void AdvanceTo(SequencePosition consumed)
    {
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
    }

    public override void Complete(Exception? exception = null)
    {
    }
}
