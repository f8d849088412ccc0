namespace OneShot.Differential.Tests.Comparison;

/// <summary>One thing in which the two servers differ.</summary>
/// <param name="Exchange">The number of the exchange on the connection, from 0; the number of exchanges for the connection's end.</param>
/// <param name="What">What differs: <c>status</c>, <c>seen</c>, <c>body</c>, <c>header x</c>, and so on.</param>
/// <param name="Stock">As stock Kestrel has it.</param>
/// <param name="Front">As the front has it.</param>
internal sealed record Difference(int Exchange, string What, string Stock, string Front)
{
    public override string ToString() => $"#{Exchange} {What}: Kestrel [{Shorten(Stock)}] front [{Shorten(Front)}]";

    private static string Shorten(string text) => text.Length <= 600 ? text : $"{text[..600]}... ({text.Length})";
}
