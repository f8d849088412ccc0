using Microsoft.AspNetCore.Http.Features;

#pragma warning disable CA2252 // A preview in the framework; that this is none of it is no preview, and Kestrel's HTTP/1.1 says so too.

namespace OneShot.AspNetCore.Http1;

/// <summary>WebTransport is HTTP/3's. Who looks for the feature finds it, and that this request is none.</summary>
internal abstract partial class Http1Exchange : IHttpWebTransportFeature
{
    bool IHttpWebTransportFeature.IsWebTransportRequest => false;

    ValueTask<IWebTransportSession> IHttpWebTransportFeature.AcceptAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException("HTTP/1.1 has no WebTransport.");
}
