namespace OneShot.Differential.Tests.Comparison;

/// <summary>Differences behind which the connection goes on.</summary>
internal static class PassingDifferences
{
    internal static KnownDifference[] All { get; } =
    [
        KnownDifference.Passing("name-case", "seen head headers name"),
        KnownDifference.Passing("name-case", "seen trailers name"),
        KnownDifference.Passing("upgrade-http10", "seen head upgradable", (divergence, difference) =>
            difference is { Stock: "true", Front: "false" } && divergence.Input.AnyLine("HTTP/1.0$") && divergence.Input.AnyField("Connection", ".*upgrade.*")),
        KnownDifference.Passing("connection-as-sent", "seen head headers Connection"),
        KnownDifference.Passing("connection-as-set", "header connection", (_, difference) =>
            difference.Front.Split(',', StringSplitOptions.TrimEntries).Contains(difference.Stock, StringComparer.OrdinalIgnoreCase)),
        KnownDifference.Passing("length-as-sent", "seen head headers Content-Length", (_, difference) =>
            difference.Front.TrimStart('[', '"', '0') == difference.Stock.TrimStart('[', '"', '0')),
        KnownDifference.Passing("absolute-path", "seen head path", (divergence, _) => divergence.Input.AnyLine(" https?://.*(%2F|\\\\|%(?![0-9a-f]{2}))")),
        KnownDifference.Passing("on-starting-exception", "seen notes", (_, difference) =>
            difference is { Stock: """["ObjectDisposedException"]""", Front: """["InvalidOperationException"]""" }),
        KnownDifference.Passing("continue-early", "interim", (divergence, difference) =>
            difference is { Stock: "100", Front: "" } && divergence.Input.AnyField("Expect", "100-continue")),
        KnownDifference.Passing("continue-list", "interim", (divergence, difference) =>
            difference is { Stock: "", Front: "100" } && divergence.Input.AnyField("Expect", ".*,.*")),
        new PassingDifference("refused-body", (divergence, difference) =>
            difference.What is "seen body" or "seen bodyLength" && divergence.IsRefusedToBoth
            && divergence.StockStatus == divergence.FrontStatus),
        KnownDifference.Passing("trailers-none", "seen trailers", (divergence, difference) =>
            difference is { Stock: "(nothing)", Front: "{}" } && divergence.Input.AnyField("Content-Length", "0+")),
        new PassingDifference("trailer-empty", (_, difference) =>
            difference.What.StartsWith("seen trailers ", StringComparison.Ordinal) && difference.Stock.Replace("(nothing)", "[]", StringComparison.Ordinal) == WithoutEmpty(difference.Front)),
    ];

    /// <summary>The values of a field, as JSON, without the empty ones.</summary>
    private static string WithoutEmpty(string values) =>
        $"[{string.Join(',', values.TrimStart('[').TrimEnd(']').Split(',').Where(value => value != "\"\""))}]";
}
