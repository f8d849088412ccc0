using System.Net.Security;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace OneShot.AspNetCore.Http1.Endpoints;

/// <summary>What client and server have agreed on with Kestrel's TLS (RFC 7301). Of another's TLS only Kestrel's HTTP knows.</summary>
internal static class ApplicationProtocol
{
    internal static bool IsTls(IFeatureCollection connection) => connection.Get<ITlsConnectionFeature>() is not null;

    internal static bool IsHttp2(IFeatureCollection connection) => Of(connection) == SslApplicationProtocol.Http2;

    internal static bool IsHttp1(IFeatureCollection connection) => Of(connection) == SslApplicationProtocol.Http11;

    private static SslApplicationProtocol Of(IFeatureCollection connection) =>
        connection.Get<ISslStreamFeature>()?.SslStream.NegotiatedApplicationProtocol ?? default;
}
