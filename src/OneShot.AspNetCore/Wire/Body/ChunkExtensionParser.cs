namespace OneShot.AspNetCore.Wire;

/// <summary>
/// The grammar of chunk extensions, byte by byte: <c>*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )</c> (RFC 9112 7.1.1).
/// Their content is of no use to anybody here; what matters is that no two readers disagree where the line ends.
/// </summary>
internal struct ChunkExtensionParser
{
    /// <summary>The most extension bytes there may be beyond <see cref="BytesPerData"/>, in a whole body.</summary>
    private const int Allowance = 16 * 1024;

    /// <summary>So many bytes of data earn one more byte of extensions: signatures on every chunk pass, one-byte chunks with kilobytes do not.</summary>
    private const int BytesPerData = 8;

    private enum Part : byte
    {
        Size,
        SizeSpace,
        NameStart,
        Name,
        NameSpace,
        ValueStart,
        Value,
        Quoted,
        Escaped,
        ValueEnd,
    }

    private Part _part;
    private long _debt;

    /// <summary>Whether the line may end here. Trailing whitespace is not in the grammar.</summary>
    public readonly bool CanEnd => _part is Part.Size or Part.Name or Part.Value or Part.ValueEnd;

    /// <summary>Begins a chunk.</summary>
    public void Begin() => _part = Part.Size;

    /// <summary>Data came in: it earns room for more extensions.</summary>
    public void Credit(int dataLength) => _debt = Math.Max(0, _debt - dataLength);

    /// <summary>Takes the next byte of the line behind the size.</summary>
    public RequestRejection Read(byte value)
    {
        _debt += BytesPerData;
        if (_debt > Allowance * BytesPerData)
        {
            return RequestRejection.ChunkExtensionsTooLarge;
        }

        Part? next = Next(value);
        if (next is null)
        {
            return value switch
            {
                (byte)'\n' => RequestRejection.BareLineFeed,
                _ when _part is Part.Size or Part.SizeSpace => RequestRejection.InvalidChunkSize,
                _ => RequestRejection.InvalidChunkExtension,
            };
        }

        _part = next.Value;
        return RequestRejection.None;
    }

    private readonly Part? Next(byte value)
    {
        bool space = FieldSyntax.IsWhitespace(value);
        bool token = FieldSyntax.TokenBytes.Contains(value);
        return _part switch
        {
            Part.Size or Part.SizeSpace or Part.Name or Part.NameSpace or Part.Value or Part.ValueEnd when value == ';' => Part.NameStart,
            Part.Size or Part.SizeSpace or Part.Value or Part.ValueEnd when space => Part.SizeSpace,
            Part.NameStart when space => Part.NameStart,
            Part.NameStart or Part.Name when token => Part.Name,
            Part.Name or Part.NameSpace when space => Part.NameSpace,
            Part.Name or Part.NameSpace when value == '=' => Part.ValueStart,
            Part.ValueStart when space => Part.ValueStart,
            Part.ValueStart when value == '"' => Part.Quoted,
            Part.ValueStart or Part.Value when token => Part.Value,
            Part.Quoted when value == '"' => Part.ValueEnd,
            Part.Quoted when value == '\\' => Part.Escaped,
            Part.Quoted or Part.Escaped when space || value is >= 0x20 and not 0x7F => Part.Quoted,
            _ => null,
        };
    }
}
