using OneShot.Differential.Tests.Servers;

namespace OneShot.Differential.Tests.Comparison;

/// <summary>Bodies that one of the two refuses.</summary>
internal static class BodyDifferences
{
    internal static KnownDifference[] All { get; } =
    [
        KnownDifference.Closed("refused-close", divergence => divergence.FrontCaught),
        KnownDifference.RefusedBody("chunk-extension", "A chunk extension is malformed.", 400, input => input.AnyLine("^[0-9a-f]+[ \t]*;")),
        KnownDifference.RefusedBody("chunk-extension", "A chunk size is malformed.", 400, input => input.AnyLine("^[0-9a-f]+[ \t]*;.*[ \t].")),
        KnownDifference.RefusedBody("chunk-space", "A chunk size is malformed.", 400, input => input.AnyLine("^[0-9a-f]+.*[ \t]$")),
        KnownDifference.RefusedBody("chunk-extension-size", "The chunk extensions are out of proportion to the data.", 400, input => input.AnyLine("^[0-9a-f]+[ \t]*;") && input.Length > 16_384),
        KnownDifference.RefusedBody("chunk-announced", "The request body is larger than the limit.", 413, input => input.AnyLine("^0*[1-9a-f][0-9a-f]*(;.*)?$")),
        KnownDifference.RefusedBody("trailer-forbidden", "A field is in the trailers that must not be there.", 400, input => input.AnyLine("^0+(;.*)?$")),
        KnownDifference.RefusedBody("trailer-syntax", "A header name is not a token.", 400, input => input.AnyLine("^0+(;.*)?$")),
        KnownDifference.RefusedBody("trailer-syntax", "A header value holds a control character.", 400, input => input.AnyLine("^0+(;.*)?$")),

        new EndingDifference("body-end", divergence =>
            divergence.StockStatus == 0 && (divergence.FrontRefusedAs("The connection ended inside the request.", 400) || divergence.FrontCaught)
            && divergence.Differences.All(difference => difference.What == "status")),

        new EndingDifference("chunk-overflow", divergence =>
            divergence is { StockStatus: 500 or 0, Front.Refusal: "A chunk size is out of range." or "A chunk size is malformed." or RefusalLog.NotDrained }
            && divergence.Input.AnyLine("^[0-9a-f]{8,}")),
        new EndingDifference("trailer-encoding", divergence =>
            divergence is { StockStatus: 500, FrontStatus: 400 or 431 } && divergence.Input.AnyLine("^0+(;.*)?$") && divergence.Input.Matches("[\x80-\xFF]")),

        new EndingDifference("chunk-digits", divergence =>
            divergence is { StockRefused: true, Stock.Refusal: "Bad chunk size data." } && divergence.Input.AnyLine("^[0-9a-f]{9,16}( |\t|;|$)")),
        new EndingDifference("chunk-whitespace", divergence =>
            divergence is { StockRefused: true, Stock.Refusal: "Bad chunk size data." } && divergence.Input.AnyLine("^[0-9a-f]+[ \t]+;")),
        new EndingDifference("trailer-budget", divergence =>
            divergence is { StockRefused: true } && divergence.Stock.Refusal.StartsWith("Request", StringComparison.Ordinal)
            && divergence.Input.AnyLine("^0+(;.*)?$")),

        new EndingDifference("refused-body", divergence => divergence is { IsRefusedToFront: true, StockStatus: 200 or 0 }),
    ];
}
