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
    internal bool StockRefused => Stock.Refusal.Length > 0 && Exchange == Stock.Exchanges.Count - 1 && EndsWith(Stock);

    /// <summary>The front refused the exchange: it said why, and nothing came behind it.</summary>
    internal bool FrontRefused => Front.Refusal.Length > 0 && Exchange >= Front.Exchanges.Count - 1 && EndsWith(Front);

    /// <summary>The front refused for this reason, with this status where the answer had not begun.</summary>
    internal bool FrontRefusedAs(string reason, int status) =>
        FrontRefused && Front.Refusal == reason && (FrontStatus == status || FrontExchange?.Seen is not null || FrontExchange is null);

    /// <summary>The front gave up on the unread rest of a body: it is the last it did on the connection.</summary>
    internal bool FrontDidNotDrain => Front.Refusal == RefusalLog.NotDrained && Exchange >= Front.Exchanges.Count - 1 && Front.End != ConnectionEnd.Open;

    /// <summary>Nothing comes behind the exchange on the front's connection, which has ended or says so.</summary>
    internal bool IsFrontsLast => Exchange >= Front.Exchanges.Count - 1 && EndsWith(Front);

    /// <summary>The application behind the front was thrown at.</summary>
    internal bool FrontThrew(string exception) => FrontExchange?.Seen?.Contains(exception, StringComparison.Ordinal) == true;

    private static bool EndsWith(Outcome outcome) =>
        outcome.End != ConnectionEnd.Open || outcome.Exchanges.Count == 0 || outcome.Exchanges[^1].Response is null or { SaysClose: true };

    public override string ToString() =>
        $"{string.Join("; ", Differences)} (Kestrel says \"{Stock.Refusal}\", the front \"{Front.Refusal}\")";
}
