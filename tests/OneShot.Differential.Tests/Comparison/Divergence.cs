using OneShot.Differential.Tests.Servers;

namespace OneShot.Differential.Tests.Comparison;

/// <summary>An exchange in which the servers differ, with everything a rule may ask about it.</summary>
internal sealed record Divergence(InputBytes Input, Outcome Stock, Outcome Front, int Exchange, IReadOnlyList<Difference> Differences)
{
    internal Exchange? StockExchange => Stock.Exchanges.ElementAtOrDefault(Exchange);

    internal Exchange? FrontExchange => Front.Exchanges.ElementAtOrDefault(Exchange);

    internal int StockStatus => StockExchange?.Response?.Status ?? 0;

    internal int FrontStatus => FrontExchange?.Response?.Status ?? 0;

    /// <summary>Kestrel refused the exchange: it said why, and nothing came behind it.</summary>
    internal bool StockRefused => Stock.Refusal.Length > 0 && Exchange >= Stock.Exchanges.Count - 1 && EndsWith(Stock);

    /// <summary>The front refused the exchange: it said why, and nothing came behind it.</summary>
    internal bool FrontRefused => Front.Refusal.Length > 0 && Exchange >= Front.Exchanges.Count - 1 && EndsWith(Front);

    /// <summary>The front refused for this reason, with this status where the answer had not begun.</summary>
    internal bool FrontRefusedAs(string reason, int status) =>
        FrontRefused && Front.Refusal == reason && (FrontStatus == status || FrontExchange?.Seen is not null || FrontExchange is null);

    /// <summary>Neither application has seen the request.</summary>
    internal bool IsInHead => StockExchange?.Seen is null && FrontExchange?.Seen is null;

    /// <summary>Both applications were told, while they read, that the body is refused.</summary>
    internal bool IsRefusedToBoth => IsRefusal(StockExchange) && IsRefusal(FrontExchange);

    /// <summary>Kestrel's application was told that the body is refused; the front had found a fault in the head.</summary>
    internal bool IsRefusedInBodyAndHead => IsRefusal(StockExchange) && FrontExchange?.Seen is null;

    /// <summary>The front's application was told that the body is refused; Kestrel's read no further, or the end came first; its connection ended all the same.</summary>
    internal bool IsRefusedToFront => FrontRefused && IsRefusal(FrontExchange) && Exchange == Stock.Exchanges.Count - 1
        && (Stock.End != ConnectionEnd.Open || Stock.Refusal.Length > 0);

    /// <summary>The front gave up on the unread rest of a body: it is the last it did on the connection.</summary>
    internal bool FrontDidNotDrain => Front.Refusal == RefusalLog.NotDrained && Exchange >= Front.Exchanges.Count - 1 && Front.End != ConnectionEnd.Open;

    /// <summary>The application behind the front has caught the refusal of its body; nothing comes behind its answer.</summary>
    internal bool FrontCaught => IsFrontsLast && FrontExchange?.Seen?.Contains("\"caught ", StringComparison.Ordinal) == true;

    /// <summary>Nothing comes behind the exchange on the front's connection, which has ended or says so.</summary>
    internal bool IsFrontsLast => Exchange >= Front.Exchanges.Count - 1 && EndsWith(Front);

    /// <summary>The application behind the front was thrown at.</summary>
    internal bool FrontThrew(string exception) => FrontExchange?.Seen?.Contains(exception, StringComparison.Ordinal) == true;

    private static bool EndsWith(Outcome outcome) =>
        outcome.End != ConnectionEnd.Open || outcome.Exchanges.Count == 0 || outcome.Exchanges[^1].Response is null or { SaysClose: true };

    public override string ToString() =>
        $"{string.Join("; ", Differences)} (Kestrel says \"{Stock.Refusal}\", the front \"{Front.Refusal}\")";

    private static bool IsRefusal(Exchange? exchange) =>
        exchange?.Seen is { } seen && (seen.Contains("\"bad request ", StringComparison.Ordinal) || seen.Contains("\"caught ", StringComparison.Ordinal));
}
