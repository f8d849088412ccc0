using System.Text;
using Microsoft.Extensions.Primitives;
using OneShot.AspNetCore.Wire;

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

    private static int IndexOf(in HeaderTable.Lines lines, string name)
    {
        HeaderNameKey key = name.Length is > 0 and <= ushort.MaxValue ? KnownHeaders.KeyOf(name) : default;
        if (key.Known != KnownHeader.Unknown)
        {
            return lines.IndexOf(key.Known);
        }

        if (Ascii.IsValid(name))
        {
            return lines.IndexOfUnknown(name, key);
        }

        // Names on the wire are tokens, so one that is not ASCII is not among them; on other servers a table may hold UTF-8.
        int size = Encoding.UTF8.GetMaxByteCount(name.Length);
        Span<byte> buffer = size <= StackLimit ? stackalloc byte[StackLimit] : new byte[size];
        int length = Encoding.UTF8.GetBytes(name, buffer);
        return lines.IndexOf(buffer[..length]);
    }

    private static bool IsFirstOfItsName(in HeaderTable.Lines lines, int index)
    {
        KnownHeader known = lines.EntryAt(index).Known;
        return (known != KnownHeader.Unknown ? lines.IndexOf(known) : lines.IndexOf(lines.NameAt(index))) == index;
    }

    private string NameAt(in HeaderTable.Lines lines, int index)
    {
        HeaderEntry entry = lines.EntryAt(index);
        if (entry.Known != KnownHeader.Unknown)
        {
            return KnownHeaders.NameOf(entry.Known);
        }

        ReadOnlySpan<byte> name = lines.NameAt(index);
        return strings is not null && Ascii.IsValid(name) ? strings.Get(name) : Encoding.UTF8.GetString(name);
    }

    /// <summary>The values of a name, made once a request.</summary>
    /// <remarks>
    /// A thread that the last request has left behind may still put a value of that request in here. So what is found counts only
    /// if it is what the lines say.
    /// </remarks>
    private StringValues ValuesFrom(in HeaderTable.Lines lines, int first)
    {
        StringValues[] made = first < _madeLength && first < _made.Length ? _made : MakeRoom(lines.Count);
        if ((uint)first >= (uint)made.Length)
        {
            return Make(lines, first);
        }

        StringValues values = made[first];
        if (values.Count == 0 || !IsMadeOf(lines, first, values))
        {
            values = Make(lines, first);
            made[first] = values;
        }

        return values;
    }

    private bool IsMadeOf(in HeaderTable.Lines lines, int first, in StringValues values)
    {
        int index = first;
        foreach (string? value in values)
        {
            if (index < 0 || !decoder.IsDecoded(lines, index, value!))
            {
                return false;
            }

            index = lines.NextWithSameName(index);
        }

        return index < 0;
    }

    private StringValues Make(in HeaderTable.Lines lines, int first)
    {
        int next = lines.NextWithSameName(first);
        if (next < 0)
        {
            return Decode(lines, first);
        }

        List<string> values = [Decode(lines, first)];
        for (; next >= 0; next = lines.NextWithSameName(next))
        {
            values.Add(Decode(lines, next));
        }

        return values.ToArray();
    }

    private string Decode(in HeaderTable.Lines lines, int index)
    {
        HeaderEntry entry = lines.EntryAt(index);
        if (entry.ValueLength == 0)
        {
            return "";
        }

        if (strings is null || !decoder.IsDefault || entry.HasNonAscii || entry.Known == KnownHeader.Unknown)
        {
            return decoder.Decode(lines, index);
        }

        ReadOnlySpan<byte> value = lines.ValueAt(index);
        ref string? last = ref (_lastOfKnown ??= new string?[KnownHeaderData.Count])[(int)entry.Known];
        string? text = last; // read once: another thread may write it
        if (text is null || !Ascii.Equals(value, text))
        {
            text = IsCredential(entry.Known) ? decoder.Decode(lines, index) : strings.Get(value);
            last = text;
        }

        return text;
    }

    private static bool IsCredential(KnownHeader known) =>
        known is KnownHeader.Cookie or KnownHeader.Authorization or KnownHeader.ProxyAuthorization;

    private StringValues[] MakeRoom(int count)
    {
        StringValues[] made = _made;
        if (made.Length < count)
        {
            Array.Resize(ref made, Math.Max(16, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count)));
            _made = made;
        }

        _madeLength = count;
        return made;
    }

    private void ForgetStrings()
    {
        StringValues[] made = _made;
        Array.Clear(made, 0, Math.Min(_madeLength, made.Length));
        _madeLength = 0;
    }
}
