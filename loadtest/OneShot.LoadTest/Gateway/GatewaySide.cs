using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Gateway;

/// <summary>The gateway, by which lines of OneShot it has: its settings <c>Gateway:OneShot</c>. Without any of them it is on stock Kestrel.</summary>
internal sealed record GatewaySide(bool Front, bool TokenCache, bool OnTransport) : Side(NameOf(Front, TokenCache, OnTransport))
{
    public const string Stock = "stock";
    public const string All = "all";
    public const string FrontWord = "front";
    public const string CacheWord = "cache";
    public const string TransportWord = "transport";

    private static string NameOf(bool front, bool cache, bool transport) => (front, cache, transport) switch
    {
        (false, false, false) => Stock,
        (true, true, true) => All,
        _ => string.Join('+', new[] { front ? FrontWord : "", cache ? CacheWord : "", transport ? TransportWord : "" }.Where(static word => word.Length > 0)),
    };
}

/// <summary>The sides as they are written: <c>stock,front,front+cache,all</c>.</summary>
internal static class GatewaySideList
{
    /// <summary>Each line by itself, the two of the transport's floor, and all.</summary>
    public const string Default = "stock,front,cache,front+cache,front+transport,all";

    private const int Least = 2;
    private const string Form = "write stock, all, or some of front, cache and transport with a plus between them, and commas between the sides";

    /// <summary>The same side twice is allowed: it shows the noise.</summary>
    /// <exception cref="LoadTestException">One of them is no side, or there are fewer than two.</exception>
    public static IReadOnlyList<GatewaySide> Parse(string text)
    {
        GatewaySide[] sides = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(ParseOne)];
        return sides.Length >= Least
            ? sides
            : throw new LoadTestException($"--sides '{text}' names one side only: {Form}.");
    }

    private static GatewaySide ParseOne(string text)
    {
        switch (text)
        {
            case GatewaySide.Stock: return new GatewaySide(false, false, false);
            case GatewaySide.All: return new GatewaySide(true, true, true);
        }

        string[] words = text.Split('+');
        return words.All(static word => word is GatewaySide.FrontWord or GatewaySide.CacheWord or GatewaySide.TransportWord) && words.Distinct().Count() == words.Length
            ? new GatewaySide(words.Contains(GatewaySide.FrontWord), words.Contains(GatewaySide.CacheWord), words.Contains(GatewaySide.TransportWord))
            : throw new LoadTestException($"--sides: '{text}' is no side: {Form}.");
    }
}
