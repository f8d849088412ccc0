using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;

namespace OneShot.AspNetCore.Http1.Request;

/// <summary>
/// A body of known length (RFC 9112 section 6.2): a window over the transport's own buffer, nothing is copied.
/// </summary>
internal sealed class ContentLengthBody(BodyContext context, PipeReader input) : RequestBody(context, input)
{
    private ReadOnlySequence<byte> _window;
    private long _length;
    private long _unconsumed;
    private long _arrived;
    private bool _isWindowOpen;
    private bool _isWindowWhole;

    internal override bool IsConsumed => _unconsumed == 0;

    internal override bool IsLeftUnadvanced => _isWindowOpen;

    internal void Begin(long length)
    {
        Debug.Assert(length > 0);
        BeginRequest();
        _length = length;
        _unconsumed = length;
        _arrived = 0;
        _isWindowOpen = false;
    }

    protected override void Advance(SequencePosition consumed, SequencePosition examined)
    {
        if (!_isWindowOpen)
        {
            return; // the end was reported with no window behind it
        }

        if (consumed.GetObject() is null)
        {
            // A copy whose destination is over says so, as all pipes allow: it has taken nothing.
            consumed = _window.Start;
            examined = consumed;
        }

        long bytes = _window.Slice(_window.Start, consumed).Length;
        _isWindowOpen = false;
        _window = default;
        _unconsumed -= bytes;

        // With the whole rest in hand nothing more can come: what follows belongs to the next request and must not be
        // marked as seen, or its reader would wait for bytes after it.
        Input.AdvanceTo(consumed, _isWindowWhole ? consumed : examined);
    }

    internal override void End()
    {
        base.End();
        ReleaseRead();
    }

    protected override void CheckLimits() => Context.ThrowIfTooLarge(_length);

    protected override bool TryReadBuffered(out ReadResult result)
    {
        bool consumed = _unconsumed == 0;
        result = consumed ? new ReadResult(default, TakeCancellation(transportCanceled: true), isCompleted: true) : default;
        return consumed;
    }

    protected override bool TryAccept(in ReadResult read, out ReadResult result)
    {
        bool canceled = TakeCancellation(read.IsCanceled);
        ReadOnlySequence<byte> buffer = read.Buffer;
        _isWindowWhole = buffer.Length >= _unconsumed;
        if (_isWindowWhole)
        {
            buffer = buffer.Slice(0, _unconsumed);
        }
        else if (read.IsCompleted)
        {
            Input.AdvanceTo(buffer.Start, buffer.End);
            Context.ThrowUnexpectedEnd();
        }
        else if (read.IsCanceled && !canceled)
        {
            Input.AdvanceTo(buffer.Start, buffer.Start);
            result = default;
            return false;
        }

        long arrived = _length - _unconsumed + buffer.Length;
        Context.Timeouts.CountRead(arrived - _arrived);
        _arrived = arrived;
        _window = buffer;
        _isWindowOpen = true;
        result = new ReadResult(buffer, canceled, _isWindowWhole);
        return true;
    }

    protected override void ReleaseRead()
    {
        if (_isWindowOpen)
        {
            Advance(_window.Start, _window.Start);
        }
    }
}
