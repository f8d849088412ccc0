using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Http1;

internal abstract partial class Http1Exchange
{
    /// <summary>The features that the exchange itself is; what an enumeration of the collection lists.</summary>
    private static readonly Type[] s_ownFeatures =
    [
        typeof(IHttpRequestFeature),
        typeof(IHttpRequestBodyDetectionFeature),
        typeof(IHttpRequestIdentifierFeature),
        typeof(IHttpRequestLifetimeFeature),
        typeof(IHttpRequestTrailersFeature),
        typeof(IRequestBodyPipeFeature),
        typeof(IHttpResponseFeature),
        typeof(IHttpResponseBodyFeature),
        typeof(IHttpConnectionFeature),
        typeof(IHttpBodyControlFeature),
        typeof(IHttpMaxRequestBodySizeFeature),
        typeof(IHttpMinRequestBodyDataRateFeature),
        typeof(IHttpMinResponseDataRateFeature),
        typeof(IHttpUpgradeFeature),
        typeof(IHttpExtendedConnectFeature),
#pragma warning disable CA2252 // see Http1Exchange.WebTransport.cs
        typeof(IHttpWebTransportFeature),
#pragma warning restore CA2252
        typeof(IPersistentStateFeature),
        typeof(IBadRequestExceptionFeature),
        typeof(IEndpointFeature),
        typeof(IRouteValuesFeature),
        typeof(IRequestArenaFeature),
    ];
}
