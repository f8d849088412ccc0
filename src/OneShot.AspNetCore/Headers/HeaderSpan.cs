namespace OneShot.AspNetCore.Headers;

/// <summary>One header line as raw bytes. Valid until the request ends; not thread-safe.</summary>
public readonly ref struct HeaderSpan
{
    internal HeaderSpan(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Name = name;
        Value = value;
    }

    /// <summary>The name in the case it was sent in.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The value without the whitespace around it: ASCII or, unless the server allows another encoding, UTF-8.</summary>
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
