using OneShot.Differential.Tests.Wire;

namespace OneShot.Differential.Tests.Comparison;

/// <summary>Finds what two outcomes of the same bytes do not have in common.</summary>
internal static class OutcomeComparer
{
    private const string Nothing = "(nothing)";

    /// <summary>The differences of one exchange; the exchange behind the last one is the connection's end.</summary>
    internal static List<Difference> Compare(Outcome stock, Outcome front, int exchange)
    {
        List<Difference> differences = [];
        if (exchange < Count(stock, front))
        {
            CompareExchange(exchange, stock.Exchanges.ElementAtOrDefault(exchange), front.Exchanges.ElementAtOrDefault(exchange), differences);
        }
        else if (stock.End != front.End && !IsClosing(stock))
        {
            differences.Add(new Difference(exchange, "end", stock.End.ToString(), front.End.ToString()));
        }

        return differences;
    }

    /// <summary>How many exchanges there are to compare.</summary>
    internal static int Count(Outcome stock, Outcome front) => Math.Max(stock.Exchanges.Count, front.Exchanges.Count);

    /// <summary>After a last response that said "close", the server may wait for the client's end or not: nothing more is served either way.</summary>
    private static bool IsClosing(Outcome outcome) =>
        outcome.End != ConnectionEnd.Aborted && outcome.Exchanges.Count > 0 && outcome.Exchanges[^1].Response?.SaysClose == true;

    private static void CompareExchange(int index, Exchange? stock, Exchange? front, List<Difference> differences)
    {
        void Add(string what, string? stockHas, string? frontHas)
        {
            if (stockHas != frontHas && !differences.Exists(known => known.What == what))
            {
                differences.Add(new Difference(index, what, stockHas ?? Nothing, frontHas ?? Nothing));
            }
        }

        foreach ((string path, string stockHas, string frontHas) in SeenComparer.Compare(stock?.Seen, front?.Seen))
        {
            Add($"seen{path}", stockHas, frontHas);
        }

        Add("interim", Join(stock?.Interim), Join(front?.Interim));
        WireResponse? left = stock?.Response;
        WireResponse? right = front?.Response;
        Add("status", Status(left), Status(right));
        if (left is null || right is null)
        {
            return;
        }

        Add("protocol", left.Protocol, right.Protocol);
        Add("reason", left.Reason, right.Reason);
        Add("framing", left.Framing.ToString(), right.Framing.ToString());
        Add("fault", left.Fault, right.Fault);
        bool described = false;
        if (SeenComparer.DescriptionIn(left.BodyText) is { } stockDescription && SeenComparer.DescriptionIn(right.BodyText) is { } frontDescription)
        {
            described = true;
            foreach ((string path, string stockHas, string frontHas) in SeenComparer.Compare(stockDescription, frontDescription))
            {
                Add($"seen{path}", stockHas, frontHas);
            }
        }
        else
        {
            Add("body", left.BodyText, right.BodyText);
        }

        // The length of a description differs when and because the descriptions do; of a HEAD, only what was seen tells.
        described |= left.Framing == WireFraming.None && differences.Count > 0;
        foreach (string name in left.Fields.Concat(right.Fields).Select(field => field.Name).Distinct().Order(StringComparer.Ordinal))
        {
            if (!described || name != "content-length")
            {
                Add($"header {name}", Join(left, name), Join(right, name));
            }
        }
    }

    private static string Status(WireResponse? response) => response is null ? Nothing : $"{response.Status}";

    private static string Join(IReadOnlyList<int>? interim) => interim is null ? "" : string.Join(' ', interim);

    /// <summary>All values of a field in their order; the clock's value counts only as there or not.</summary>
    private static string? Join(WireResponse response, string name)
    {
        List<string> values = [.. response.Values(name)];
        if (name == "date" && values is [{ Length: 29 } date] && !date.EndsWith("1970 00:00:00 GMT", StringComparison.Ordinal))
        {
            return "now";
        }

        return values.Count == 0 ? null : string.Join(" | ", values);
    }
}
