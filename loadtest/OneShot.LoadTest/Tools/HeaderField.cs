namespace OneShot.LoadTest.Tools;

/// <summary>A header field to send. <c>{id}</c> in its value stands for 16 hexadecimal digits that are another with every request.</summary>
internal sealed record HeaderField(string Name, string Value)
{
    public const string Placeholder = "{id}";

    public bool Changes => Value.Contains(Placeholder, StringComparison.Ordinal);

    /// <summary>The value for tools, and requests, that know one value only.</summary>
    public string At(ulong id) => Value.Replace(Placeholder, id.ToString("x16", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
