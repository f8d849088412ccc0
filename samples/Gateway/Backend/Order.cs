namespace Gateway.Backend;

/// <summary>What the backend answers with: about a kilobyte of JSON.</summary>
internal sealed record Order(string Id, string Customer, string Currency, DateOnly Placed, Order.Line[] Lines)
{
    public static Order Example { get; } = new(
        "o-4711",
        "c-0042",
        "EUR",
        new DateOnly(2026, 11, 1),
        [.. Enumerable.Range(1, 8).Select(static number => new Line(number, $"sku-{number:0000}", "A thing of some use, in a box", number, 9.95m * number))]);

    internal sealed record Line(int Number, string Sku, string Title, int Quantity, decimal Price);
}
