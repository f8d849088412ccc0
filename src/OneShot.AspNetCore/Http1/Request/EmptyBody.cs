using System.Diagnostics;
using System.IO.Pipelines;

namespace OneShot.AspNetCore.Http1.Request;

/// <summary>A request without a body: every read is the end.</summary>
internal sealed class EmptyBody(BodyContext context, PipeReader input) : RequestBody(context, input)
{
    internal override bool IsConsumed => true;

    protected override bool IsEmpty => true;

    protected override void Advance(SequencePosition consumed, SequencePosition examined)
    {
    }

    /// <summary>Nothing is given up, and whoever reads after it finds the end, as before.</summary>
    public override void Complete(Exception? exception = null) => ThrowIfClosed();

    internal void Begin() => BeginRequest();

    protected override bool TryReadBuffered(out ReadResult result)
    {
        result = new ReadResult(default, isCanceled: false, isCompleted: true);
        return true;
    }

    protected override void CheckLimits()
    {
    }

    protected override void ReleaseRead()
    {
    }

    protected override bool TryAccept(in ReadResult read, out ReadResult result) =>
        throw new UnreachableException("an empty body never asks the transport");
}
