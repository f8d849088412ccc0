namespace OneShot.AspNetCore.Headers;

/// <summary>A cookie, or a pair of a query: name and value as bytes, valid until the request ends.</summary>
public readonly ref struct NameValueSpan
{
    internal NameValueSpan(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Name = name;
        Value = value;
    }

    /// <summary>The name.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The value; it may be empty.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Lets <c>foreach (var (name, value) in spans)</c> be written.</summary>
    /// <param name="name">Receives <see cref="Name"/>.</param>
    /// <param name="value">Receives <see cref="Value"/>.</param>
    public void Deconstruct(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = Name;
        value = Value;
    }
}
