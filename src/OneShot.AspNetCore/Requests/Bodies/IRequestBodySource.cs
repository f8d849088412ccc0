using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Requests;

/// <summary>A feature that keeps a request's body beside its arena: the front's. On other servers the body is kept in <c>HttpContext.Features</c>.</summary>
internal interface IRequestBodySource
{
    /// <summary>Where it is kept.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public BodySlot BodySlot { get; }

    /// <summary>Bytes that the client says it sends; null where it does not say.</summary>
    public long? AnnouncedLength { get; }
}

internal static class RequestBodies
{
    /// <summary>Where the request's body is kept.</summary>
    public static BodySlot SlotOf(HttpContext context, IRequestArenaFeature feature)
    {
        if (feature is IRequestBodySource source)
        {
            return source.BodySlot;
        }

        BodySlot? slot = context.Features.Get<BodySlot>();
        if (slot is null)
        {
            slot = new BodySlot();
            context.Features.Set(slot);
        }

        return slot;
    }

    /// <inheritdoc cref="IRequestBodySource.AnnouncedLength"/>
    public static long? AnnouncedLengthOf(HttpContext context, IRequestArenaFeature feature) =>
        feature is IRequestBodySource source ? source.AnnouncedLength : context.Request.ContentLength;
}
