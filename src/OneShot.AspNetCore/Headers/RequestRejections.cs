namespace OneShot.AspNetCore.Headers;

/// <summary>
/// The one table of refusals: status code, a short description that never quotes the request, and the RFC section the rule comes from.
/// </summary>
internal static class RequestRejections
{
    private static readonly Row[] s_rows = CreateRows();

    /// <summary>The status code the connection answers with before it closes.</summary>
    public static int StatusCode(RequestRejection rejection) => s_rows[(int)rejection].StatusCode;

    /// <summary>A short English sentence, fit for a log: it holds no byte of the request.</summary>
    public static string Description(RequestRejection rejection) => s_rows[(int)rejection].Description;

    /// <summary>Where the rule is written down, such as <c>RFC 9112 5.1</c>.</summary>
    public static string RfcSection(RequestRejection rejection) => s_rows[(int)rejection].RfcSection;

    /// <summary>The value of the <c>Allow</c> field that a 405 must carry (RFC 9110 15.5.6), or null for every other status.</summary>
    public static string? AllowedMethod(RequestRejection rejection) => rejection switch
    {
        RequestRejection.TargetNeedsOptions => "OPTIONS",
        RequestRejection.TargetNeedsConnect => "CONNECT",
        _ => null,
    };

    private static Row[] CreateRows()
    {
        var rows = new Row[Enum.GetValues<RequestRejection>().Length];

        void Add(RequestRejection rejection, int statusCode, string rfcSection, string description)
            => rows[(int)rejection] = new Row(statusCode, description, rfcSection);

        Add(RequestRejection.None, 200, "RFC 9110 15.3.1", "The request is not refused.");

        Add(RequestRejection.InvalidRequestLine, 400, "RFC 9112 3", "The request line is malformed.");
        Add(RequestRejection.InvalidMethod, 400, "RFC 9110 9.1", "The method is not a token.");
        Add(RequestRejection.InvalidTarget, 400, "RFC 9112 3.2", "The request target is malformed.");
        Add(RequestRejection.TooManyEmptyLines, 400, "RFC 9112 2.2", "Too many empty lines precede the request line.");
        Add(RequestRejection.RequestLineTooLong, 414, "RFC 9112 3", "The request line is longer than the limit.");
        Add(RequestRejection.UnsupportedVersion, 505, "RFC 9110 15.6.6", "The HTTP version is not supported.");
        Add(RequestRejection.TargetNeedsOptions, 405, "RFC 9112 3.2.4", "The asterisk form of the request target needs the OPTIONS method.");
        Add(RequestRejection.TargetNeedsConnect, 405, "RFC 9112 3.2.3", "The authority form of the request target needs the CONNECT method.");

        Add(RequestRejection.InvalidHeaderName, 400, "RFC 9110 5.1", "A header name is not a token.");
        Add(RequestRejection.EmptyHeaderName, 400, "RFC 9110 5.1", "A header line has no name.");
        Add(RequestRejection.MissingColon, 400, "RFC 9112 5", "A header line has no colon.");
        Add(RequestRejection.WhitespaceBeforeColon, 400, "RFC 9112 5.1", "Whitespace stands between a header name and its colon.");
        Add(RequestRejection.LineFolding, 400, "RFC 9112 5.2", "A header line begins with whitespace.");
        Add(RequestRejection.BareCarriageReturn, 400, "RFC 9112 2.2", "A CR is not followed by LF.");
        Add(RequestRejection.BareLineFeed, 400, "RFC 9112 2.2", "An LF is not preceded by CR.");
        Add(RequestRejection.ControlCharacterInValue, 400, "RFC 9110 5.5", "A header value holds a control character.");
        Add(RequestRejection.UndecodableValue, 400, "RFC 9110 5.5", "A header value is not valid in its encoding.");
        Add(RequestRejection.HeadersTooLarge, 431, "RFC 6585 5", "The headers are larger than the limit.");
        Add(RequestRejection.TooManyHeaders, 431, "RFC 6585 5", "The request has more headers than the limit.");

        Add(RequestRejection.MissingHost, 400, "RFC 9112 3.2", "The Host header is missing.");
        Add(RequestRejection.MultipleHosts, 400, "RFC 9112 3.2", "The Host header is there more than once.");
        Add(RequestRejection.InvalidHost, 400, "RFC 9112 3.2", "The Host header is malformed or empty.");
        Add(RequestRejection.HostDiffersFromTarget, 400, "RFC 9112 3.2", "The Host header differs from the authority of the request target.");

        Add(RequestRejection.InvalidContentLength, 400, "RFC 9110 8.6", "The Content-Length header is not a plain number in range.");
        Add(RequestRejection.MultipleContentLengths, 400, "RFC 9112 6.3", "The Content-Length header is there more than once.");
        Add(RequestRejection.ContentLengthWithTransferEncoding, 400, "RFC 9112 6.1", "Content-Length and Transfer-Encoding are both there.");
        Add(RequestRejection.InvalidTransferEncoding, 400, "RFC 9112 6.1", "The Transfer-Encoding header is malformed.");
        Add(RequestRejection.TransferEncodingNotChunked, 400, "RFC 9112 6.3", "The transfer coding does not end in chunked.");
        Add(RequestRejection.UnsupportedTransferCoding, 501, "RFC 9112 6.1", "A transfer coding other than chunked is not supported.");
        Add(RequestRejection.TransferEncodingOnHttp10, 400, "RFC 9112 6.1", "Transfer-Encoding has no meaning in HTTP/1.0.");
        Add(RequestRejection.LengthRequiredOnHttp10, 400, "RFC 9112 6.3", "An HTTP/1.0 request with this method needs a Content-Length.");
        Add(RequestRejection.UnknownExpectation, 417, "RFC 9110 10.1.1", "The Expect header asks for something other than 100-continue.");

        Add(RequestRejection.InvalidChunkSize, 400, "RFC 9112 7.1", "A chunk size is malformed.");
        Add(RequestRejection.ChunkSizeOverflow, 400, "RFC 9112 7.1", "A chunk size is out of range.");
        Add(RequestRejection.InvalidChunkExtension, 400, "RFC 9112 7.1.1", "A chunk extension is malformed.");
        Add(RequestRejection.ChunkExtensionsTooLarge, 400, "RFC 9112 7.1.1", "The chunk extensions are out of proportion to the data.");
        Add(RequestRejection.ChunkNotTerminated, 400, "RFC 9112 7.1", "A chunk is not followed by CRLF.");
        Add(RequestRejection.ForbiddenTrailer, 400, "RFC 9110 6.5.1", "A field is in the trailers that must not be there.");

        Add(RequestRejection.BodyTooLarge, 413, "RFC 9110 15.5.14", "The request body is larger than the limit.");
        Add(RequestRejection.UnexpectedEnd, 400, "RFC 9112 8", "The connection ended inside the request.");
        Add(RequestRejection.RequestHeadersTimeout, 408, "RFC 9110 15.5.9", "The request headers did not arrive in time.");
        Add(RequestRejection.RequestBodyTimeout, 408, "RFC 9110 15.5.9", "The request body arrived too slowly.");
        return rows;
    }

    private readonly record struct Row(int StatusCode, string Description, string RfcSection);
}
