namespace OneShot.AspNetCore.Http1;

/// <summary>
/// What the metrics of a connection call its end (<c>error.type</c> of <c>kestrel.connection.duration</c>), beside the refusals of
/// <see cref="Wire.RequestRejections"/>. Kestrel's own values, so that a dashboard need not know who has served.
/// </summary>
internal static class ConnectionError
{
    internal const string KeepAliveTimeout = "keep_alive_timeout";
    internal const string ShutdownTimeout = "app_shutdown_timeout";
    internal const string ResponseRate = "min_response_data_rate";
    internal const string ServerTimeout = "server_timeout";
    internal const string WriteCanceled = "write_canceled";
    internal const string AbortedByApplication = "aborted_by_app";
    internal const string AfterStartingResponse = "error_after_starting_response";
    internal const string ResponseLength = "response_content_length_mismatch";
    internal const string BodyReaderState = "invalid_body_reader_state";
    internal const string Reset = "connection_reset";
    internal const string Io = "io_error";
    internal const string Other = "other_error";

    /// <summary>The one end that Kestrel does not know: 503, because the process arena is full.</summary>
    internal const string ArenaFull = "arena_full";
}
