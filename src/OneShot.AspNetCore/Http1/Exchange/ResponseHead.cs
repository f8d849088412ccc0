using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Http1.Response;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>Status and fields of the present response, what they say of its body, and how they are written.</summary>
internal sealed class ResponseHead(Http1ConnectionContext connection)
{
    private readonly Http1ServiceContext _service = connection.Service;
    private RequestTraits _request;

    internal ResponseHeaderDictionary Headers { get; } = new(connection.Service.Options.ResponseHeaderEncodingSelector);

    internal int Status { get; set; }

    internal string? ReasonPhrase { get; set; }

    /// <summary>What the request's head decides of this response.</summary>
    internal RequestTraits Request => _request;

    /// <summary>Writing a body is an error, not merely discarded as it is for HEAD.</summary>
    internal bool ForbidsBody => !IsHead && !StatusAllowsBody;

    /// <summary>204, 205 and 304: as on Kestrel, what was written before the status was known is dropped, what comes after it is an error.</summary>
    internal bool DropsEarlyBody => Status is 204 or 205 or 304;

    internal bool CanHaveBody => !IsHead && StatusAllowsBody;

    /// <summary>The length that the application has set; a transfer coding, which takes its place, promises nothing.</summary>
    internal long? PromisedLength => (Headers.Present & ResponseFields.TransferEncoding) == 0 ? Headers.ContentLength : null;

    /// <summary>WHATWG HTML 9.2: server-sent events, a response without an end.</summary>
    internal bool IsEventStream =>
        Headers.TryGetValue(HeaderNames.ContentType, out StringValues type)
        && type.Count == 1
        && type[0] is { } text
        && text.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    private bool IsHead => (_request & RequestTraits.IsHead) != 0;

    private bool IsConnect => (_request & RequestTraits.IsConnect) != 0;

    private bool StatusAllowsBody => AllowsBody(Status);

    /// <summary>1xx, 204, 205 and 304 have no body, nor has a tunnel that was opened (RFC 9110 sections 6.4.1 and 9.3.6).</summary>
    private bool AllowsBody(int status) => status is not (204 or 205 or 304) && status >= (IsConnect ? 300 : 200);

    internal void Begin(RequestTraits request)
    {
        _request = request;
        Status = StatusCodes.Status200OK;
        ReasonPhrase = null;
        Headers.Reset();
    }

    /// <summary>The request is over: nothing can be set any more.</summary>
    internal void End()
    {
        Headers.Reset();
        Headers.Freeze();
    }

    /// <exception cref="InvalidOperationException">The status forbids a body.</exception>
    internal void ThrowIfBodyForbidden()
    {
        if (ForbidsBody)
        {
            throw new InvalidOperationException($"Writing to the response body is invalid for responses with status code {Status}.");
        }
    }

    /// <summary>Whatever the application had prepared is dropped: status and an empty body, as Kestrel answers.</summary>
    internal void BecomeError(RequestFailure failure)
    {
        Headers.Clear();
        ReasonPhrase = null;
        Status = failure.IsFoundBad ? failure.BadRequest!.StatusCode : StatusCodes.Status500InternalServerError;
        if (failure.IsRefusedForSpace)
        {
            Status = StatusCodes.Status503ServiceUnavailable;
            Headers[HeaderNames.RetryAfter] = ArenaRejection.RetryAfter;
        }

        Headers.ContentLength = 0;
    }

    /// <exception cref="InvalidOperationException">The application has set a framing field that the status forbids.</exception>
    internal ResponsePlan Plan(bool keepAlive, bool nothingWritten)
    {
        int status = Status;
        return ResponsePlan.Make(
            status, IsHead, IsConnect, AllowsBody(status), (_request & RequestTraits.IsHttp10) != 0, keepAlive, nothingWritten, Headers);
    }

    /// <summary>Writes it where it is to stand, and shows the application what goes out. Nothing is on its way yet, nor after an exception.</summary>
    /// <returns>Its bytes.</returns>
    internal int Write(BodyEncoder body, in ResponsePlan plan)
    {
        ResponseFields present = Headers.Present;
        byte[] date = (present & ResponseFields.Date) != 0 ? [] : _service.Date.Line;
        var extras = new ResponseExtras(
            (present & ResponseFields.Connection) != 0 ? ConnectionField.None : plan.Connection,
            plan.Framing == ResponseBodyFraming.Chunked,
            _service.Options.AddServerHeader && (present & ResponseFields.Server) == 0,
            date,
            connection.AltSvcLine is { Length: > 0 } altSvc && !Headers.ContainsKey(HeaderNames.AltSvc) ? altSvc : []);
        string? reasonPhrase = ReasonPhrase;
        int size = ResponseHeadWriter.Measure(plan, reasonPhrase, Headers, extras);
        int length = ResponseHeadWriter.Write(body.GetHeadSpan(size)[..size], plan, reasonPhrase, Headers, extras);
        if (Headers.ContentLength != plan.ContentLength)
        {
            Headers.ContentLength = plan.ContentLength;
        }

        Headers.ShowLater(extras, date);
        return length;
    }

    /// <summary>The answer to a head that was refused.</summary>
    /// <param name="status">The refusal's.</param>
    /// <param name="allowedMethod">For 405 (RFC 9110 section 15.5.6).</param>
    internal void WriteRefusal(int status, string? allowedMethod)
    {
        Headers.Reset();
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            Headers[HeaderNames.RetryAfter] = ArenaRejection.RetryAfter;
        }

        if (allowedMethod is not null)
        {
            Headers[HeaderNames.Allow] = allowedMethod;
        }

        var plan = ResponsePlan.Refusal(status);
        var extras = new ResponseExtras(plan.Connection, chunked: false, _service.Options.AddServerHeader, _service.Date.Line, connection.AltSvcLine);
        Span<byte> span = connection.Output.GetSpan(ResponseHeadWriter.Measure(plan, reasonPhrase: null, Headers, extras));
        connection.Output.Advance(ResponseHeadWriter.Write(span, plan, reasonPhrase: null, Headers, extras));
    }
}
