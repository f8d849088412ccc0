namespace OneShot.Differential.Tests.Comparison;

/// <summary>Answers that an application should not give, and what becomes of them.</summary>
internal static class AnswerDifferences
{
    internal static KnownDifference[] All { get; } =
    [
        new EndingDifference("throw-unflushed", divergence =>
            divergence.Stock.Exchanges.Any(exchange => exchange.Response?.Fault.Contains("unflushed", StringComparison.Ordinal) == true)),
        new EndingDifference("complete-error", divergence =>
            divergence is { StockStatus: 200, FrontStatus: 500 } && divergence.Input.AnyLine("/complete-error ")),
        new EndingDifference("complete-error", divergence =>
            divergence.IsFrontsLast && divergence.Front.End != ConnectionEnd.Open && divergence.Input.AnyLine("/complete-error-flushed ")),
        new EndingDifference("reason-phrase", divergence =>
            divergence is { FrontStatus: 500 } && divergence.Input.AnyLine("/reason/.*%") && divergence.FrontThrew("InvalidOperationException")),
        new EndingDifference("status-range", divergence =>
            divergence is { FrontStatus: 500 } && divergence.FrontThrew("ArgumentOutOfRangeException")),
        new EndingDifference("status-framing", divergence =>
            divergence is { FrontStatus: 500 } && divergence.StockStatus != 500 && divergence.Input.AnyLine("/status-(encoding|length)")),
        new EndingDifference("status-framing", divergence =>
            divergence.StockExchange?.Response is null && divergence.Input.AnyLine("HEAD /status-encoding")),
        new EndingDifference("head-upgrade", divergence =>
            divergence is { StockStatus: 101, FrontStatus: 101 } && divergence.Input.AnyLine("^HEAD /(upgrade|status-body/101)")
            && divergence.Differences.All(difference => difference is { What: "body", Stock: "" })),
        new EndingDifference("head-coding", divergence =>
            divergence is { StockStatus: 500, FrontStatus: 200 or 404 } && divergence.FrontExchange?.Response?.Values("transfer-encoding").Any() == true
            && divergence.Input.AnyLine("^HEAD ")),
        new EndingDifference("interim-body", divergence =>
            divergence.FrontThrew("InvalidOperationException") && divergence.Input.AnyLine("/status-body/1[0-9][0-9]")),
        new EndingDifference("interim-final", divergence =>
            divergence.IsFrontsLast && divergence.FrontExchange is { Response: null, Interim.Count: > 0 } && divergence.Input.AnyLine("/status[^ ]*/1[0-9][0-9]")),
    ];
}
