using System.Runtime.CompilerServices;
using System.Text;

namespace OneShot.AspNetCore.Wire;

/// <summary>From names to lines: a known one by its count and index, another one past those lines alone that have no known name.</summary>
internal sealed partial class HeaderTable
{
    /// <summary>Whether there is at least one line with that name.</summary>
    public bool Contains(KnownHeader header) => _lineCounts[(int)header] != 0;

    /// <summary>Whether there is more than one line with that name.</summary>
    public bool IsRepeated(KnownHeader header) => _lineCounts[(int)header] > 1;

    /// <summary>The index of the first line with that name, or -1.</summary>
    public int IndexOf(KnownHeader header)
        => !Contains(header) ? -1 : IsRepeated(header) ? Raw.FirstOf(header, 0) : _last[(int)header];

    /// <summary>The index of the first line with that name in any case, or -1.</summary>
    public int IndexOf(ReadOnlySpan<byte> name) => Raw.IndexOf(name);

    /// <summary>The index of the next line with the same name as the line at <paramref name="index"/>, or -1.</summary>
    public int NextWithSameName(int index) => Raw.NextWithSameName(index);

    /// <summary>The name of a line as it was sent.</summary>
    public ReadOnlySpan<byte> NameAt(int index) => Raw.NameAt(index);

    /// <summary>The value of a line without the whitespace around it.</summary>
    public ReadOnlySpan<byte> ValueAt(int index) => Raw.ValueAt(index);

    public readonly ref partial struct Lines
    {
        /// <summary>The number of lines.</summary>
        public int Count => _entries.Length;

        /// <summary>The method, as it was sent; empty where the table was filled without one.</summary>
        public ReadOnlySpan<byte> Method => _table is null ? default : Part(_table._line.MethodOffset, _table._line.MethodLength);

        /// <summary>The request target, as it was sent; empty where the table was filled without one.</summary>
        public ReadOnlySpan<byte> Target => _table is null ? default : Part(_table._line.TargetOffset, _table._line.TargetLength);

        /// <inheritdoc cref="HeaderTable.IndexOf(KnownHeader)"/>
        public int IndexOf(KnownHeader header)
            => !_table.Contains(header) ? -1 : _table.IsRepeated(header) ? FirstOf(header, 0) : _table._last[(int)header];

        /// <inheritdoc cref="HeaderTable.IndexOf(ReadOnlySpan{byte})"/>
        public int IndexOf(ReadOnlySpan<byte> name)
        {
            if ((uint)(name.Length - 1) >= ushort.MaxValue || _entries.IsEmpty)
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

        /// <inheritdoc cref="HeaderTable.NextWithSameName"/>
        public int NextWithSameName(int index)
        {
            HeaderEntry entry = EntryAt(index);
            if (entry.Known == KnownHeader.Unknown)
            {
                return IndexOfUnknown(NameAt(index), entry.Key, index + 1);
            }

            return _table.IsRepeated(entry.Known) ? FirstOf(entry.Known, index + 1) : -1;
        }

        /// <inheritdoc cref="HeaderTable.NameAt"/>
        public ReadOnlySpan<byte> NameAt(int index)
        {
            ref readonly HeaderEntry entry = ref EntryAt(index);
            return Part(entry.NameOffset, entry.NameLength);
        }

        /// <inheritdoc cref="HeaderTable.ValueAt"/>
        public ReadOnlySpan<byte> ValueAt(int index)
        {
            ref readonly HeaderEntry entry = ref EntryAt(index);
            return Part(entry.ValueOffset, entry.ValueLength);
        }

        /// <summary>What is known of a line.</summary>
        public ref readonly HeaderEntry EntryAt(int index)
        {
            if ((uint)index >= (uint)_entries.Length)
            {
                ThrowOver();
            }

            return ref _entries[index];
        }

        /// <summary>The first line of that name from <paramref name="start"/> on, or -1.</summary>
        public int FirstOf(KnownHeader header, int start)
        {
            for (int i = start; i < _entries.Length; i++)
            {
                if (_entries[i].Known == header)
                {
                    return i;
                }
            }

            return -1;
        }

        private ReadOnlySpan<byte> Part(int start, int length)
        {
            if ((ulong)(uint)start + (uint)length > (uint)_head.Length)
            {
                ThrowOver();
            }

            return _head.Slice(start, length);
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
            UnknownLines unknown = _table._unknown;
            int index = unknown.Next(start, _entries.Length);
            while ((uint)index < (uint)_entries.Length && _entries[index].Key != key)
            {
                index = unknown.Next(index + 1, _entries.Length);
            }

            return (uint)index < (uint)_entries.Length ? index : -1;
        }
    }
}
