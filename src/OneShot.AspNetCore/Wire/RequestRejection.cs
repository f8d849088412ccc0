namespace OneShot.AspNetCore.Wire;

/// <summary>
/// Every reason to refuse a request. <see cref="RequestRejections"/> holds what is known of each: status code, words, RFC section,
/// log event and metric tag.
/// </summary>
internal enum RequestRejection : byte
{
    None,

    // Request line
    InvalidRequestLine,
    InvalidMethod,
    InvalidTarget,
    TooManyEmptyLines,
    RequestLineTooLong,
    MethodTooLong,
    UnsupportedVersion,
    TargetNeedsOptions,
    TargetNeedsConnect,

    // Field lines
    InvalidHeaderName,
    EmptyHeaderName,
    MissingColon,
    WhitespaceBeforeColon,
    LineFolding,
    BareCarriageReturn,
    BareLineFeed,
    ControlCharacterInValue,
    UndecodableValue,
    HeadersTooLarge,
    TooManyHeaders,

    // Host
    MissingHost,
    MultipleHosts,
    InvalidHost,
    HostDiffersFromTarget,

    // Framing
    InvalidContentLength,
    MultipleContentLengths,
    ContentLengthWithTransferEncoding,
    InvalidTransferEncoding,
    TransferEncodingNotChunked,
    UnsupportedTransferCoding,
    TransferEncodingOnHttp10,
    LengthRequiredOnHttp10,
    UnknownExpectation,

    // Chunked coding
    InvalidChunkSize,
    ChunkSizeOverflow,
    InvalidChunkExtension,
    ChunkExtensionsTooLarge,
    ChunkNotTerminated,
    ForbiddenTrailer,

    // Found by whoever reads the connection
    BodyTooLarge,
    UnexpectedEnd,
    RequestHeadersTimeout,
    RequestBodyTimeout,
}
