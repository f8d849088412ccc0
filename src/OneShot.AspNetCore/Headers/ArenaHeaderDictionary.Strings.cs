using System.Text;
using Microsoft.Extensions.Primitives;

namespace OneShot.AspNetCore.Headers;

/// <summary>From table lines to strings, each made once a request and, for known headers, reused while the bytes stay the same.</summary>
internal sealed partial class ArenaHeaderDictionary
{
    /// <summary>A name that may be longer than this in UTF-8 costs an array when it is looked for.</summary>
    private const int StackLimit = 256;

    private readonly string?[] _lastOfKnown = new string?[KnownHeaders.Count];
    private StringValues[] _made = [];
    private int _madeLength;

    private int IndexInTable(string name)
    {
        KnownHeader known = KnownHeaders.Recognise(name);
        if (known != KnownHeader.Unknown)
        {
            return table.IndexOf(known);
        }

        // Names on the wire are tokens, so one that is not ASCII is not among them; on other servers a table may hold UTF-8.
        int size = Encoding.UTF8.GetMaxByteCount(name.Length);
        Span<byte> buffer = size <= StackLimit ? stackalloc byte[StackLimit] : new byte[size];
        int length = Encoding.UTF8.GetBytes(name, buffer);
        return table.IndexOfUnknown(buffer[..length]);
    }

    private bool IsFirstOfItsName(int index)
    {
        KnownHeader known = table.Entries[index].Known;
        return (known != KnownHeader.Unknown ? table.IndexOf(known) : table.IndexOfUnknown(table.NameAt(index))) == index;
    }

    private string NameAt(int index)
    {
        KnownHeader known = table.Entries[index].Known;
        return known != KnownHeader.Unknown ? KnownHeaders.NameOf(known) : Encoding.UTF8.GetString(table.NameAt(index));
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
            values.Add(decoder.Decode(table, next));
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

        if (!reuseStrings || !decoder.IsDefault || entry.Known == KnownHeader.Unknown || entry.HasNonAscii)
        {
            return decoder.Decode(table, index);
        }

        ref string? last = ref _lastOfKnown[(int)entry.Known];
        if (last is null || !Ascii.Equals(table.ValueAt(index), last))
        {
            last = decoder.Decode(table, index);
        }

        return last;
    }

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
