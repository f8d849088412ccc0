using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Http1.Request;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Http1;

/// <summary>Leaving HTTP: after 101 the connection's bytes belong to the application (RFC 9110 section 7.8). WebSockets stand on this.</summary>
internal abstract partial class Http1Exchange : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    private bool _isUpgradable;
    private bool _isUpgraded;

    bool IHttpUpgradeFeature.IsUpgradableRequest => _isUpgradable;

    /// <summary>Extended CONNECT is HTTP/2's (RFC 8441).</summary>
    bool IHttpExtendedConnectFeature.IsExtendedConnect => false;

    string? IHttpExtendedConnectFeature.Protocol => null;

    ValueTask<Stream> IHttpExtendedConnectFeature.AcceptAsync() =>
        throw new NotSupportedException("HTTP/1.1 has no extended CONNECT.");

    async Task<Stream> IHttpUpgradeFeature.UpgradeAsync()
    {
        if (!_isUpgradable)
        {
            throw new InvalidOperationException("Cannot upgrade a non-upgradable request. Check IHttpUpgradeFeature.IsUpgradableRequest to determine if a request can be upgraded.");
        }

        if (_isUpgraded)
        {
            throw new InvalidOperationException("IHttpUpgradeFeature.UpgradeAsync was already called and can only be called once per connection.");
        }

        ThrowIfStarted(nameof(IHttpUpgradeFeature.UpgradeAsync));
        if (!_front.TryBeginUpgraded())
        {
            throw new InvalidOperationException("Request cannot be upgraded because the server has already opened the maximum number of upgraded connections.");
        }

        // From here on it counts among the upgraded connections, and not among MaxConcurrentConnections.
        _connection.Transport.Features.Get<IDecrementConcurrentConnectionCountFeature>()?.ReleaseConnection();
        _isUpgraded = true;
        KeepAlive = false;
        Status = StatusCodes.Status101SwitchingProtocols;
        ReasonPhrase = null;
        _responseHeaders[HeaderNames.Connection] = HeaderNames.Upgrade;
        LiftRates();
        _body = new UpgradedBody(this, _connection.Input);
        await StartResponseAsync(applicationCompleted: false);
        await FlushTransportAsync();
        ReleaseUntakenArena();
        _writer.CloseForUpgrade();
        return new UpgradedStream(new RequestBodyStream(this, _body), new ResponseBodyStream(_writer, this, isUpgraded: true));
    }

    private void FinishUpgrade()
    {
        if (_isUpgraded)
        {
            _isUpgraded = false;
            EndRates();
            _front.EndUpgraded();
        }
    }
}
