using System.Text;
using Microsoft.Extensions.Primitives;

namespace OneShot.AspNetCore.Headers;

/// <summary>
/// From table lines to strings, each made once a request. A known header's string is used again while its bytes stay the same
/// on the connection; short ones are shared by all connections (<see cref="HeaderStringCache"/>), but for credentials, which
/// stay with the connection they came on, and values of unknown headers, which may be some (API keys and the like).
/// </summary>
internal sealed partial class ArenaHeaderDictionary
{
    /// <summary>A name that may be longer than this in UTF-8 costs an array when it is looked for.</summary>
    private const int StackLimit = 256;

    private string?[]? _lastOfKnown;
    private StringValues[] _made = [];
    private int _madeLength;

    private int IndexInTable(string name)
    {
        HeaderNameKey key = name.Length is > 0 and <= ushort.MaxValue ? KnownHeaders.KeyOf(name) : default;
        if (key.Known != KnownHeader.Unknown)
        {
            return table.IndexOf(key.Known);
        }

        if (Ascii.IsValid(name))
        {
            return table.IndexOfUnknown(name, key);
        }

        // Names on the wire are tokens, so one that is not ASCII is not among them; on other servers a table may hold UTF-8.
        int size = Encoding.UTF8.GetMaxByteCount(name.Length);
        Span<byte> buffer = size <= StackLimit ? stackalloc byte[StackLimit] : new byte[size];
        int length = Encoding.UTF8.GetBytes(name, buffer);
        return table.IndexOf(buffer[..length]);
    }

    private bool IsFirstOfItsName(int index)
    {
        KnownHeader known = table.Entries[index].Known;
        return (known != KnownHeader.Unknown ? table.IndexOf(known) : table.IndexOf(table.NameAt(index))) == index;
    }

    private string NameAt(int index)
    {
        ref readonly HeaderEntry entry = ref table.Entries[index];
        if (entry.Known != KnownHeader.Unknown)
        {
            return KnownHeaders.NameOf(entry.Known);
        }

        ReadOnlySpan<byte> name = table.NameAt(index);
        return strings is not null && Ascii.IsValid(name) ? strings.Get(name) : Encoding.UTF8.GetString(name);
    }

    private StringValues ValuesFrom(int first)
    {
        if (first >= _madeLength)
        {
            MakeRoom();
        }

        ref StringValues made = ref _made[first];
        if (made.Count == 0)
        {
            made = Make(first);
        }

        return made;
    }

    private StringValues Make(int first)
    {
        int next = table.NextWithSameName(first);
        if (next < 0)
        {
            return Decode(first);
        }

        List<string> values = [Decode(first)];
        for (; next >= 0; next = table.NextWithSameName(next))
        {
            values.Add(Decode(next));
        }

        return values.ToArray();
    }

    private string Decode(int index)
    {
        ref readonly HeaderEntry entry = ref table.Entries[index];
        if (entry.ValueLength == 0)
        {
            return "";
        }

        if (strings is null || !decoder.IsDefault || entry.HasNonAscii || entry.Known == KnownHeader.Unknown)
        {
            return decoder.Decode(table, index);
        }

        ReadOnlySpan<byte> value = table.ValueAt(index);
        ref string? last = ref (_lastOfKnown ??= new string?[KnownHeaders.Count])[(int)entry.Known];
        if (last is null || !Ascii.Equals(value, last))
        {
            last = IsCredential(entry.Known) ? decoder.Decode(table, index) : strings.Get(value);
        }

        return last;
    }

    private static bool IsCredential(KnownHeader known) =>
        known is KnownHeader.Cookie or KnownHeader.Authorization or KnownHeader.ProxyAuthorization;

    private void MakeRoom()
    {
        if (_made.Length < table.Count)
        {
            Array.Resize(ref _made, Math.Max(16, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)table.Count)));
        }

        _madeLength = table.Count;
    }

    private void ForgetStrings()
    {
        Array.Clear(_made, 0, _madeLength);
        _madeLength = 0;
    }
}
