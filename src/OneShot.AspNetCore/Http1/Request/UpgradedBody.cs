using System.Buffers;
using System.IO.Pipelines;

namespace OneShot.AspNetCore.Http1.Request;

/// <summary>What the client sends after an upgrade: the transport's bytes as they are, until it ends.</summary>
internal sealed class UpgradedBody(BodyContext context, PipeReader input) : RequestBody(context, input)
{
    private ReadOnlySequence<byte> _window;
    private bool _isWindowOpen;

    /// <summary>No request follows: there is nothing to drain for.</summary>
    internal override bool IsConsumed => true;

    protected override void Advance(SequencePosition consumed, SequencePosition examined)
    {
        if (_isWindowOpen)
        {
            _isWindowOpen = false;
            _window = default;
            Input.AdvanceTo(consumed, examined);
        }
    }

    internal override void End()
    {
        base.End();
        ReleaseRead();
    }

    protected override bool TryReadBuffered(out ReadResult result)
    {
        result = default;
        return false;
    }

    protected override bool TryAccept(in ReadResult read, out ReadResult result)
    {
        bool canceled = TakeCancellation(read.IsCanceled);
        if (read.Buffer.IsEmpty && !read.IsCompleted && !canceled)
        {
            Input.AdvanceTo(read.Buffer.End); // a cancellation that was not the application's
            result = default;
            return false;
        }

        _window = read.Buffer;
        _isWindowOpen = true;
        result = new ReadResult(_window, canceled, read.IsCompleted);
        return true;
    }

    protected override void ReleaseRead()
    {
        if (_isWindowOpen)
        {
            Advance(_window.Start, _window.Start);
        }
    }

    protected override void CheckLimits()
    {
    }
}
