using Microsoft.AspNetCore.Http.Features;

namespace OneShot.AspNetCore.Http1;

/// <summary>What the streams over a connection have in common: bytes come or go once and in order, so nothing can be sought.</summary>
internal abstract class BodyStream : Stream
{
    public sealed override bool CanSeek => false;

    public sealed override long Length => throw new NotSupportedException();

    public sealed override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public sealed override void SetLength(long value) => throw new NotSupportedException();

    /// <exception cref="InvalidOperationException">The server, or this request, does not allow synchronous IO.</exception>
    private protected static void ThrowIfSynchronousForbidden(IHttpBodyControlFeature control, string alternative)
    {
        if (!control.AllowSynchronousIO)
        {
            throw new InvalidOperationException(
                $"Synchronous operations are disallowed. Call {alternative} or set AllowSynchronousIO to true instead.");
        }
    }
}
