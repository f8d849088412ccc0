using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Http1.Request;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>Leaving HTTP: after 101 the connection's bytes belong to the application (RFC 9110 section 7.8). WebSockets stand on this.</summary>
internal sealed class RequestUpgrade(
    Http1ConnectionContext connection, Http1Response response, ResponseOutput output, RequestContent content, RequestMemory memory, IHttpBodyControlFeature control)
{
    /// <param name="isUpgradable">The request asks for it.</param>
    /// <exception cref="InvalidOperationException">It does not, or has been upgraded, or the response has started, or there are too many upgraded connections.</exception>
    internal async Task<Stream> UpgradeAsync(bool isUpgradable)
    {
        if (!isUpgradable)
        {
            throw new InvalidOperationException("Cannot upgrade a non-upgradable request. Check IHttpUpgradeFeature.IsUpgradableRequest to determine if a request can be upgraded.");
        }

        if (content.IsUpgraded)
        {
            throw new InvalidOperationException("IHttpUpgradeFeature.UpgradeAsync was already called and can only be called once per connection.");
        }

        response.Start.ThrowIfStarted(nameof(IHttpUpgradeFeature.UpgradeAsync));
        if (!connection.Service.TryBeginUpgraded())
        {
            throw new InvalidOperationException("Request cannot be upgraded because the server has already opened the maximum number of upgraded connections.");
        }

        // From here on it counts among the upgraded connections, and not among MaxConcurrentConnections.
        connection.Transport.Features.Get<IDecrementConcurrentConnectionCountFeature>()?.ReleaseConnection();
        var input = new RequestBodyStream(content, control, content.Upgrade());
        connection.Lifetime.CloseAfterResponse();
        response.Head.Status = StatusCodes.Status101SwitchingProtocols;
        response.Head.ReasonPhrase = null;
        response.Head.Headers[HeaderNames.Connection] = HeaderNames.Upgrade;
        output.Rate = null; // an upgraded connection may be silent for as long as it likes
        await response.Start.StartUpgradeAsync();
        memory.ReleaseUntaken();
        response.CloseForUpgrade();
        return new UpgradedStream(input, new ResponseBodyStream(response, control, isUpgraded: true));
    }

    /// <summary>The request is over; an upgraded one no longer counts. Before the body ends.</summary>
    internal void End()
    {
        if (content.IsUpgraded)
        {
            output.ResetRate();
            connection.Service.EndUpgraded();
        }
    }
}
