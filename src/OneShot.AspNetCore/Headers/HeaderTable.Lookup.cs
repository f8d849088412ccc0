using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace OneShot.AspNetCore.Headers;

/// <summary>From names to lines: a known one by its bit and index, another one past those lines alone that have no known name.</summary>
internal sealed partial class HeaderTable
{
    /// <summary>Whether there is at least one line with that name.</summary>
    public bool Contains(KnownHeader header) => (_present & (1UL << (int)header)) != 0;

    /// <summary>Whether there is more than one line with that name.</summary>
    public bool IsRepeated(KnownHeader header) => (_repeated & (1UL << (int)header)) != 0;

    /// <summary>The index of the first line with that name, or -1.</summary>
    public int IndexOf(KnownHeader header)
        => !Contains(header) ? -1 : IsRepeated(header) ? FirstOf(header, 0) : _last[(int)header];

    /// <summary>The index of the first line with that name in any case, or -1.</summary>
    public int IndexOf(ReadOnlySpan<byte> name)
    {
        if ((uint)(name.Length - 1) >= ushort.MaxValue)
        {
            return -1;
        }

        KnownHeader known = KnownHeaders.Recognise(name, out uint hash);
        return known != KnownHeader.Unknown ? IndexOf(known) : IndexOfUnknown(name, HeaderNameKey.OfUnknown(name.Length, hash), 0);
    }

    /// <summary>The index of the first line with that name of ASCII characters in any case, which is no <see cref="KnownHeader"/>, or -1.</summary>
    public int IndexOfUnknown(ReadOnlySpan<char> name, HeaderNameKey key)
    {
        int index = NextWithKey(key, 0);
        while (index >= 0 && !Ascii.EqualsIgnoreCase(NameAt(index), name))
        {
            index = NextWithKey(key, index + 1);
        }

        return index;
    }

    /// <summary>The index of the next line with the same name as the line at <paramref name="index"/>, or -1.</summary>
    public int NextWithSameName(int index)
    {
        ReadOnlySpan<HeaderEntry> entries = Entries;
        HeaderEntry entry = entries[index];
        if (entry.Known == KnownHeader.Unknown)
        {
            return IndexOfUnknown(NameAt(index), entry.Key, index + 1);
        }

        return IsRepeated(entry.Known) ? FirstOf(entry.Known, index + 1) : -1;
    }

    /// <summary>The name of a line as it was sent.</summary>
    public ReadOnlySpan<byte> NameAt(int index)
    {
        ref readonly HeaderEntry entry = ref EntryAt(index);
        return Head.Slice(entry.NameOffset, entry.NameLength);
    }

    /// <summary>The value of a line without the whitespace around it.</summary>
    public ReadOnlySpan<byte> ValueAt(int index)
    {
        ref readonly HeaderEntry entry = ref EntryAt(index);
        return Head.Slice(entry.ValueOffset, entry.ValueLength);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int IndexOfUnknown(ReadOnlySpan<byte> name, HeaderNameKey key, int start)
    {
        int index = NextWithKey(key, start);
        while (index >= 0 && !HeaderNameComparison.AreEqual(NameAt(index), name))
        {
            index = NextWithKey(key, index + 1);
        }

        return index;
    }

    /// <summary>The first line, from <paramref name="start"/> on, with the key of a name that is no <see cref="KnownHeader"/>, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int NextWithKey(HeaderNameKey key, int start)
    {
        ref HeaderEntry entries = ref MemoryMarshal.GetReference(Entries);
        int index = _unknown.Next(start, _count);
        while (index >= 0 && Unsafe.Add(ref entries, index).Key != key)
        {
            index = _unknown.Next(index + 1, _count);
        }

        return index;
    }

    private ref readonly HeaderEntry EntryAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count, nameof(index));
        return ref Unsafe.Add(ref MemoryMarshal.GetReference(Entries), index);
    }

    private int FirstOf(KnownHeader header, int start)
    {
        ReadOnlySpan<HeaderEntry> entries = Entries;
        for (int i = start; i < entries.Length; i++)
        {
            if (entries[i].Known == header)
            {
                return i;
            }
        }

        return -1;
    }
}
