using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// What the HTTP/1.1 front accepts beyond its own rules, as Kestrel accepts it; in configuration, the section <c>OneShot:Http1</c>.
/// Everything is off by default: each switch is for clients that cannot be changed. <c>docs/http1-differences.md</c> has a row for each.
/// </summary>
public sealed class Http1Options
{
    /// <summary>
    /// Whether LF without CR ends a line of a head, or of trailers (RFC 9112 section 2.2): hardware clients send it. A proxy in front
    /// that takes such a line otherwise sees another request than this server does. Default false: 400.
    /// </summary>
    public bool AllowBareLineFeed { get; set; }

    /// <summary>Whether <c>Host</c> may be empty where the target names no host: health monitors of load balancers send it. Default false: 400.</summary>
    public bool AllowEmptyHost { get; set; }

    /// <summary>
    /// Whether <c>Transfer-Encoding</c> may stand beside <c>Content-Length</c> (RFC 9112 section 6.3). The coding wins, the
    /// length is shown as <c>X-Content-Length</c>, and the connection closes after the response. Such a request is also what smuggling
    /// looks like. Default false: 400.
    /// </summary>
    public bool AllowLengthBesideTransferEncoding { get; set; }

    /// <summary>Whether header values may hold control characters other than TAB; NUL, CR and LF never. Default false: 400.</summary>
    public bool AllowControlCharactersInValues { get; set; }

    /// <summary>
    /// Whether a connection goes on after a response to <c>Expect: 100-continue</c> whose body was not read: the body is then waited
    /// for, as after any other response. NTLM needs it with clients such as .NET Framework, since the 401 and what follows go over one
    /// connection. A client that leaves the body out, as it may (RFC 9110 section 10.1.1), has its next request taken for it. Default false.
    /// </summary>
    public bool KeepAliveAfterUnreadExpect { get; set; }

    internal Tolerated Tolerated =>
        (AllowBareLineFeed ? Tolerated.BareLineFeed : Tolerated.None)
        | (AllowEmptyHost ? Tolerated.EmptyHost : Tolerated.None)
        | (AllowLengthBesideTransferEncoding ? Tolerated.LengthBesideCoding : Tolerated.None)
        | (AllowControlCharactersInValues ? Tolerated.ControlCharactersInValues : Tolerated.None);
}
