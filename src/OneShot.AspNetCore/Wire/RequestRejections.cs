using Microsoft.Extensions.Logging;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// The one table of refusals: status code, a short description that never quotes the request, the RFC section the rule comes from,
/// the event under which it is logged, and what the connection's metrics call it.
/// </summary>
internal static class RequestRejections
{
    /// <summary>The log's ids from here on belong to refusals, one each. A row's id stays its own: who watches the log relies on it.</summary>
    internal const int FirstEventId = 1140;

    // Kestrel's values of error.type (kestrel.connection.duration), where it refuses for the same reason.
    private const string RequestLine = "invalid_request_line";
    private const string Version = "invalid_http_version";
    private const string Headers = "invalid_request_headers";
    private const string Other = "other_error";

    private static readonly Row[] s_rows = CreateRows();

    /// <summary>The status code the connection answers with before it closes.</summary>
    public static int StatusCode(RequestRejection rejection) => s_rows[(int)rejection].StatusCode;

    /// <summary>A short English sentence, fit for a log: it holds no byte of the request.</summary>
    public static string Description(RequestRejection rejection) => s_rows[(int)rejection].Description;

    /// <summary>Where the rule is written down, such as <c>RFC 9112 5.1</c>.</summary>
    public static string RfcSection(RequestRejection rejection) => s_rows[(int)rejection].RfcSection;

    /// <summary>The event under which the refusal is logged; its name is the reason's.</summary>
    public static EventId LogEvent(RequestRejection rejection) => s_rows[(int)rejection].LogEvent;

    /// <summary>The value of <c>error.type</c> in the connection's metrics.</summary>
    public static string ErrorType(RequestRejection rejection) => s_rows[(int)rejection].ErrorType;

    /// <summary>The value of the <c>Allow</c> field that a 405 must carry (RFC 9110 15.5.6), or null for every other status.</summary>
    public static string? AllowedMethod(RequestRejection rejection) => rejection switch
    {
        RequestRejection.TargetNeedsConnect => "CONNECT",
        _ => null,
    };

    private static Row[] CreateRows()
    {
        var rows = new Row[Enum.GetValues<RequestRejection>().Length];

        void Add(int number, RequestRejection rejection, int statusCode, string rfcSection, string errorType, string description)
            => rows[(int)rejection] = new Row(statusCode, description, rfcSection, new EventId(FirstEventId + number, rejection.ToString()), errorType);

        rows[0] = new Row(200, "The request is not refused.", "RFC 9110 15.3.1", default, "");

        Add(0, RequestRejection.InvalidRequestLine, 400, "RFC 9112 3", RequestLine, "The request line is malformed.");
        Add(1, RequestRejection.InvalidMethod, 400, "RFC 9110 9.1", RequestLine, "The method is not a token.");
        Add(2, RequestRejection.InvalidTarget, 400, "RFC 9112 3.2", RequestLine, "The request target is malformed.");
        Add(3, RequestRejection.TooManyEmptyLines, 400, "RFC 9112 2.2", RequestLine, "Too many empty lines precede the request line.");
        Add(4, RequestRejection.RequestLineTooLong, 414, "RFC 9112 3", RequestLine, "The request line is longer than the limit.");
        Add(42, RequestRejection.MethodTooLong, 501, "RFC 9112 3", RequestLine, "The method is longer than the limit for a request line.");
        Add(5, RequestRejection.UnsupportedVersion, 505, "RFC 9110 15.6.6", Version, "The HTTP version is not supported.");
        Add(6, RequestRejection.TargetNeedsOptions, 400, "RFC 9112 3.2.4", Headers, "The asterisk form of the request target needs the OPTIONS method.");
        Add(7, RequestRejection.TargetNeedsConnect, 405, "RFC 9112 3.2.3", Headers, "The authority form of the request target needs the CONNECT method.");

        Add(8, RequestRejection.InvalidHeaderName, 400, "RFC 9110 5.1", Headers, "A header name is not a token.");
        Add(9, RequestRejection.EmptyHeaderName, 400, "RFC 9110 5.1", Headers, "A header line has no name.");
        Add(10, RequestRejection.MissingColon, 400, "RFC 9112 5", Headers, "A header line has no colon.");
        Add(11, RequestRejection.WhitespaceBeforeColon, 400, "RFC 9112 5.1", Headers, "Whitespace stands between a header name and its colon.");
        Add(12, RequestRejection.LineFolding, 400, "RFC 9112 5.2", Headers, "A header line begins with whitespace.");
        Add(13, RequestRejection.BareCarriageReturn, 400, "RFC 9112 2.2", Headers, "A CR is not followed by LF.");
        Add(14, RequestRejection.BareLineFeed, 400, "RFC 9112 2.2", Headers, "An LF is not preceded by CR.");
        Add(15, RequestRejection.ControlCharacterInValue, 400, "RFC 9110 5.5", Headers, "A header value holds a control character.");
        Add(16, RequestRejection.UndecodableValue, 400, "RFC 9110 5.5", Headers, "A header value is not valid in its encoding.");
        Add(17, RequestRejection.HeadersTooLarge, 431, "RFC 6585 5", "max_request_headers_total_size_exceeded", "The headers are larger than the limit.");
        Add(18, RequestRejection.TooManyHeaders, 431, "RFC 6585 5", "max_request_header_count_exceeded", "The request has more headers than the limit.");

        Add(19, RequestRejection.MissingHost, 400, "RFC 9112 3.2", Headers, "The Host header is missing.");
        Add(20, RequestRejection.MultipleHosts, 400, "RFC 9112 3.2", Headers, "The Host header is there more than once.");
        Add(21, RequestRejection.InvalidHost, 400, "RFC 9112 3.2", Headers, "The Host header is malformed or empty.");
        Add(22, RequestRejection.HostDiffersFromTarget, 400, "RFC 9112 3.2", Headers, "The Host header differs from the authority of the request target.");

        Add(23, RequestRejection.InvalidContentLength, 400, "RFC 9110 8.6", Headers, "The Content-Length header is not a plain number in range.");
        Add(24, RequestRejection.MultipleContentLengths, 400, "RFC 9112 6.3", Headers, "The Content-Length header is there more than once.");
        Add(25, RequestRejection.ContentLengthWithTransferEncoding, 400, "RFC 9112 6.1", Headers, "Content-Length and Transfer-Encoding are both there.");
        Add(26, RequestRejection.InvalidTransferEncoding, 400, "RFC 9112 6.1", Headers, "The Transfer-Encoding header is malformed.");
        Add(27, RequestRejection.TransferEncodingNotChunked, 400, "RFC 9112 6.3", Other, "The transfer coding does not end in chunked.");
        Add(28, RequestRejection.UnsupportedTransferCoding, 501, "RFC 9112 6.1", Headers, "A transfer coding other than chunked is not supported.");
        Add(29, RequestRejection.TransferEncodingOnHttp10, 400, "RFC 9112 6.1", Headers, "Transfer-Encoding has no meaning in HTTP/1.0.");
        Add(30, RequestRejection.LengthRequiredOnHttp10, 400, "RFC 9112 6.3", Headers, "An HTTP/1.0 request with this method needs a Content-Length.");
        Add(31, RequestRejection.UnknownExpectation, 417, "RFC 9110 10.1.1", Headers, "The Expect header asks for something other than 100-continue.");

        Add(32, RequestRejection.InvalidChunkSize, 400, "RFC 9112 7.1", Other, "A chunk size is malformed.");
        Add(33, RequestRejection.ChunkSizeOverflow, 400, "RFC 9112 7.1", Other, "A chunk size is out of range.");
        Add(34, RequestRejection.InvalidChunkExtension, 400, "RFC 9112 7.1.1", Other, "A chunk extension is malformed.");
        Add(35, RequestRejection.ChunkExtensionsTooLarge, 400, "RFC 9112 7.1.1", Other, "The chunk extensions are out of proportion to the data.");
        Add(36, RequestRejection.ChunkNotTerminated, 400, "RFC 9112 7.1", Other, "A chunk is not followed by CRLF.");
        Add(37, RequestRejection.ForbiddenTrailer, 400, "RFC 9110 6.5.1", Other, "A field is in the trailers that must not be there.");

        Add(38, RequestRejection.BodyTooLarge, 413, "RFC 9110 15.5.14", "max_request_body_size_exceeded", "The request body is larger than the limit.");
        Add(39, RequestRejection.UnexpectedEnd, 400, "RFC 9112 8", "unexpected_end_of_request_content", "The connection ended inside the request.");
        Add(40, RequestRejection.RequestHeadersTimeout, 408, "RFC 9110 15.5.9", "request_headers_timeout", "The request headers did not arrive in time.");
        Add(41, RequestRejection.RequestBodyTimeout, 408, "RFC 9110 15.5.9", "min_request_body_data_rate", "The request body arrived too slowly.");
        return rows;
    }

    private readonly record struct Row(int StatusCode, string Description, string RfcSection, EventId LogEvent, string ErrorType);
}
