using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Http1;

/// <summary>The response as the application sees and sets it: status and fields.</summary>
internal abstract partial class Http1Exchange : IHttpResponseFeature
{
    private readonly ResponseHeaderDictionary _responseHeaders;
    private bool _isHead;
    private bool _isConnect;
    private bool _isSafe;
    private bool _isHttp10;

    /// <summary>The response's head is on its way: nothing in it can be changed any more.</summary>
    public bool HasStarted { get; private set; }

    int IHttpResponseFeature.StatusCode
    {
        get => Status;
        set
        {
            ThrowIfStarted(nameof(IHttpResponseFeature.StatusCode));
            if (value is < 100 or > 999)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "A status code has three digits (RFC 9110 section 15).");
            }

            Status = value;
        }
    }

    string? IHttpResponseFeature.ReasonPhrase
    {
        get => ReasonPhrase;
        set
        {
            ThrowIfStarted(nameof(IHttpResponseFeature.ReasonPhrase));
            HeaderRules.ThrowIfInvalidReasonPhrase(value);
            ReasonPhrase = value;
        }
    }

    IHeaderDictionary IHttpResponseFeature.Headers { get; set; } = null!;

    /// <summary>Writing a body is an error, not merely discarded as it is for HEAD.</summary>
    internal bool ForbidsBody => !_isHead && !StatusAllowsBody;

    /// <summary>204, 205 and 304: as on Kestrel, what was written before the status was known is dropped, what comes after it is an error.</summary>
    internal bool DropsEarlyBody => Status is 204 or 205 or 304;

    private bool CanHaveBody => !_isHead && StatusAllowsBody;

    private int Status { get; set; }

    private string? ReasonPhrase { get; set; }

    /// <summary>1xx, 204, 205 and 304 have no body, nor has a tunnel that was opened (RFC 9110 sections 6.4.1 and 9.3.6).</summary>
    private bool StatusAllowsBody => Status is not (204 or 205 or 304) && Status >= (_isConnect ? 300 : 200);

    /// <exception cref="InvalidOperationException">The status forbids a body.</exception>
    internal void ThrowIfBodyForbidden()
    {
        if (ForbidsBody)
        {
            throw new InvalidOperationException($"Writing to the response body is invalid for responses with status code {Status}.");
        }
    }

    private void BeginResponse()
    {
        HasStarted = false;
        Status = StatusCodes.Status200OK;
        ReasonPhrase = null;
        _isRefusedForSpace = false;
        _isFoundBad = false;
        _isCut = false;
        _isClientGone = false;
        _ending = null;
        _responseHeaders.Reset();
        _writer.Begin();
        IHttpResponseFeature response = this;
        response.Headers = _responseHeaders;
#pragma warning disable CS0618 // old middleware still asks for the stream here
        response.Body = _responseStream;
#pragma warning restore CS0618
    }

    private void ThrowIfStarted(string name)
    {
        if (HasStarted)
        {
            throw new InvalidOperationException($"{name} cannot be set because the response has already started.");
        }
    }
}
