namespace OneShot.Differential.Tests.Comparison;

/// <summary>Heads that the front refuses.</summary>
internal static class HeadDifferences
{
    internal static KnownDifference[] All { get; } =
    [
        // Both refuse, otherwise.
        new EndingDifference("version-status", divergence =>
            divergence is { StockRefused: true, FrontRefused: true, StockStatus: 400 or 505, FrontStatus: 400 or 505 }
            && divergence.Front.Refusal is "The request line is malformed." or "The HTTP version is not supported."),
        new EndingDifference("asterisk-status", divergence =>
            divergence is { StockRefused: true, FrontRefused: true, StockStatus: 405, FrontStatus: 400 } && divergence.Input.AnyLine("^[^ ]+ \\* HTTP/1")
            && divergence.Front.Refusal == "The asterisk form of the request target needs the OPTIONS method."),
        new EndingDifference("method-length", divergence =>
            divergence is { StockRefused: true, FrontRefused: true, StockStatus: 414, FrontStatus: 501 } && divergence.Input.AnyLine("^[^ ]{100}")),
        new EndingDifference("which-fault", divergence =>
            divergence is { StockRefused: true, FrontRefused: true, StockStatus: >= 400, FrontStatus: >= 400 }
            && (divergence.StockStatus != divergence.FrontStatus ? divergence.IsInHead || divergence.IsRefusedToBoth : divergence.IsRefusedInBodyAndHead)),
        new EndingDifference("http2-preface", divergence =>
            divergence is { FrontStatus: 505, StockStatus: 0 } && divergence.Input.Matches("PRI \\* HTTP/2.0\r\n")),

        // The front refuses.
        KnownDifference.Refused("bare-lf", "An LF is not preceded by CR.", 400, input => input.HasBareLineFeed || input.AnyLine("^Content-Length:")),
        KnownDifference.Refused("bare-cr", "A CR is not followed by LF.", 400, input => input.HasBareCarriageReturn || input.AnyLine("^Content-Length:")),
        KnownDifference.Refused("empty-lines", "Too many empty lines precede the request line.", 400, input => input.Matches("(\r\n){9}")),
        KnownDifference.Refused("request-line-spaces", "The request line is malformed.", 400, input => input.AnyLine("^[^ ]+ .* .*(HTTP/|\r)") || input.HasBareCarriageReturn),
        KnownDifference.Refused("version-space", "The request line is malformed.", 400, input => input.AnyLine("^[^ ]+ [^ ]*[^ /]HTTP/1.[01]$")),
        KnownDifference.Refused("version-space", "The request target is malformed.", 400, input => input.AnyLine("^[^ ]+ [^ ]*[^ /]HTTP/1.[01]$")),
        KnownDifference.Refused("target-controls", "The request target is malformed.", 400, input => input.AnyLine("^[^ ]+ .*[\x00-\x1F\x7F-\xFF].*HTTP/")),
        KnownDifference.Refused("absolute-userinfo", "The request target is malformed.", 400, input => input.AnyLine(" https?://[^/ ]*@")),
        KnownDifference.Refused("absolute-port", "The request target is malformed.", 400, input => input.AnyLine(" https?://[^/?# ]*:([^0-9]|$)")),
        KnownDifference.Refused("absolute-fragment", "The request target is malformed.", 400, input => input.AnyLine(" https?://.*#")),
        KnownDifference.Refused("absolute-nul", "The request target is malformed.", 400, input => input.AnyLine(" https?://.*%00")),
        KnownDifference.Refused("connect-form", "The request target is malformed.", 400, input => input.AnyLine("CONNECT [^ ]*(/|\\*| )")),
        KnownDifference.Refused("header-name", "A header name is not a token.", 400, input => input.AnyLine("^[^:]*[^!#$%&'*+.^_`|~0-9A-Za-z-][^:]*:")),
        KnownDifference.Refused("header-control", "A header value holds a control character.", 400, input => input.AnyLine("^[^:]+:.*[\x01-\x08\x0B-\x1F\x7F]")),
        KnownDifference.Refused("host-empty", "The Host header is malformed or empty.", 400, input => input.AnyField("Host", "")),
        KnownDifference.Refused("host-ipv6", "The Host header is malformed or empty.", 400, input => input.AnyField("Host", @"\[[^:\]]*:?[^:\]]*\].*")),
        KnownDifference.Refused("length-and-coding", "Content-Length and Transfer-Encoding are both there.", 400,
            input => input.AnyLine("^Content-Length:") && input.AnyLine("^Transfer-Encoding:")),
        KnownDifference.Refused("length-sign", "The Content-Length header is not a plain number in range.", 400, input => input.AnyField("Content-Length", "(\\+[0-9]+|-0+)")),
        KnownDifference.Refused("coding-list", "The Transfer-Encoding header is malformed.", 400, input =>
            input.AnyLine("^Transfer-Encoding:") && input.Contains("chunked")),
        KnownDifference.Refused("coding-twice", "The transfer coding does not end in chunked.", 400, input => input.Matches(@"chunked[\s\S]*chunked")),
        KnownDifference.Refused("coding-other", "A transfer coding other than chunked is not supported.", 501, input => input.AnyLine("^Transfer-Encoding:") && input.Contains("chunked")),
        KnownDifference.Refused("coding-http10", "Transfer-Encoding has no meaning in HTTP/1.0.", 400, input => input.AnyLine("HTTP/1.0$") && input.AnyLine("^Transfer-Encoding:")),
        KnownDifference.Refused("length-http10", "An HTTP/1.0 request with this method needs a Content-Length.", 400, input =>
            input.AnyLine("HTTP/1.0$") && input.AnyField("Connection", ".*upgrade.*")),
        KnownDifference.Refused("expectation", "The Expect header asks for something other than 100-continue.", 417, input => input.AnyLine("^Expect:")),

        // Kestrel leaves HTTP, the front answers.
        new EndingDifference("upgrade-http10", divergence =>
            divergence is { StockStatus: 101, FrontStatus: not 101 } && divergence.Input.AnyLine("^[^ ]* [^ ]*/upgrade.*HTTP/1.0$")
            && divergence.Input.AnyField("Connection", ".*upgrade.*")),

        // The front ends the connection behind the answer.
        KnownDifference.Closed("connection-tab", divergence => divergence.Input.AnyField("Connection", ".*(\tclose|close\t).*")),
        KnownDifference.Closed("connect-close", divergence => divergence.Input.AnyLine("^CONNECT ")),
        KnownDifference.Closed("expect-unread", divergence => divergence.Input.AnyField("Expect", ".*100-continue.*")),

        new EndingDifference("head-http10", divergence =>
            divergence.Input.AnyLine("HTTP/1.0$") && divergence.Input.Contains("HEAD ")
            && divergence.Differences.All(difference => difference is { What: "header connection", Stock: "close", Front: "keep-alive" })),

        // Kestrel refuses.
        new EndingDifference("host-ipv6-shortest", divergence =>
            divergence is { StockRefused: true, StockStatus: 400 } && divergence.Input.AnyField("Host", @"\[::\](:[0-9]+)?")),
        new EndingDifference("authority-case", divergence =>
            divergence is { StockRefused: true, StockStatus: 400 } && divergence.FrontStatus != 400 && divergence.Input.AnyLine("(^CONNECT | https?://)")
            && divergence.Stock.Refusal.StartsWith("Invalid Host header", StringComparison.Ordinal)),
    ];
}
