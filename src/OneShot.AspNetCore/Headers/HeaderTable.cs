using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot.AspNetCore.Headers;

/// <summary>
/// The header lines of one request: entries and head both live in the request's arena, the object itself with the connection.
/// </summary>
/// <remarks>Not thread-safe. What it hands out is valid until <see cref="Clear"/> or <see cref="LeaveArena"/>.</remarks>
internal sealed partial class HeaderTable
{
    private const int InitialCapacity = 16;
    private const ulong UnknownBit = 1UL << (int)KnownHeader.Unknown;

    private Arena? _arena;
    private UnsafeSlice<HeaderEntry> _entries;
    private UnsafeSlice<byte> _head;
    private int _count;
    private ulong _present;
    private ulong _repeated;
    private LastIndexes _last;

    /// <summary>The head the entries' offsets count in. Empty until it is committed.</summary>
    public ReadOnlySpan<byte> Head => _keptHead is null ? _head.Span : _keptHead;

    /// <summary>The lines in wire order.</summary>
    public ReadOnlySpan<HeaderEntry> Entries => _keptEntries is null ? _entries.Span[.._count] : _keptEntries;

    /// <summary>The number of lines.</summary>
    public int Count => _count;

    /// <summary>Whether any value has a byte above 0x7F.</summary>
    public bool HasNonAscii { get; private set; }

    /// <summary>The lines as the public span API shows them.</summary>
    public HeaderSpans Spans => new(this);

    /// <summary>Makes room for the first lines in the arena of the request that begins.</summary>
    public void Begin(Arena arena)
    {
        Clear();
        _arena = arena;
        _entries = arena.AllocateUnsafe<HeaderEntry>(InitialCapacity);
    }

    /// <summary>Gives back the room no line has taken and copies the head, once, into the arena.</summary>
    public void Commit(ReadOnlySpan<byte> head)
    {
        Debug.Assert(_arena is not null, "Begin comes first.");
        _arena.TryResize(ref _entries, _count);
        UnsafeSlice<byte> copy = _arena.AllocateUnsafe<byte>(head.Length);
        head.CopyTo(copy.Span);
        Commit(copy);
    }

    /// <summary>Takes a head that is in the arena already.</summary>
    public void Commit(UnsafeSlice<byte> head)
    {
        _head = head;
        AssertValid();
    }

    /// <summary>Forgets the request. The memory goes with its arena.</summary>
    public void Clear()
    {
        _arena = null;
        _entries = default;
        _head = default;
        _keptEntries = null;
        _keptHead = null;
        _count = 0;
        _present = 0;
        _repeated = 0;
        HasNonAscii = false;
    }

    /// <summary>Adds a line whose offsets count in the head that is committed in the end.</summary>
    public void Add(int nameOffset, int nameLength, KnownHeader known, int valueOffset, int valueLength, bool hasNonAscii)
    {
        Debug.Assert(nameLength is > 0 and <= ushort.MaxValue);
        if (_count == _entries.Length)
        {
            Grow();
        }

        _entries.Span[_count].Set(nameOffset, nameLength, known, valueOffset, valueLength, hasNonAscii);
        HasNonAscii |= hasNonAscii;
        Took(1);
    }

    /// <summary>The free entries: whoever writes them says so by <see cref="Took"/>.</summary>
    /// <param name="maxCount">The most lines there may be in all.</param>
    public Span<HeaderEntry> Room(int maxCount)
    {
        Span<HeaderEntry> free = _entries.Span[_count..];
        int most = maxCount - _count;
        return free.Length <= most ? free : free[..Math.Max(most, 0)];
    }

    /// <summary>Makes room for more lines, if there is none.</summary>
    /// <returns>Whether it was needed.</returns>
    public bool GrowIfFull()
    {
        if (_count < _entries.Length)
        {
            return false;
        }

        Grow();
        return true;
    }

    /// <summary>Takes in entries of ASCII values that have been written into <see cref="Room"/>.</summary>
    public void Took(int count)
    {
        Debug.Assert(count >= 0 && _count + count <= _entries.Length);
        ref HeaderEntry entries = ref MemoryMarshal.GetReference(_entries.Span);
        ref ushort last = ref Unsafe.As<LastIndexes, ushort>(ref _last);
        ulong present = _present;
        ulong repeated = _repeated;
        int end = _count + count;
        for (int i = _count; i < end; i++)
        {
            uint known = (uint)Unsafe.Add(ref entries, i).Known % KnownHeaders.Count;
            ulong bit = 1UL << (int)known;
            repeated |= present & bit;
            present |= bit;
            Unsafe.Add(ref last, known) = (ushort)i;
        }

        // The bit of unknown headers is one that nobody asks for.
        _present = present & ~UnknownBit;
        _repeated = repeated & ~UnknownBit;
        _count = end;
    }

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
        KnownHeader known = KnownHeaders.Recognise(name);
        return known != KnownHeader.Unknown ? IndexOf(known) : IndexOfUnknown(name);
    }

    /// <summary>The index of the next line with the same name as the line at <paramref name="index"/>, or -1.</summary>
    public int NextWithSameName(int index)
    {
        ReadOnlySpan<HeaderEntry> entries = Entries;
        HeaderEntry entry = entries[index];
        if (entry.Known == KnownHeader.Unknown)
        {
            return IndexOfUnknown(NameAt(index), index + 1);
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

    /// <summary>The index of the first line, from <paramref name="start"/>, with a name that is no <see cref="KnownHeader"/>, or -1.</summary>
    public int IndexOfUnknown(ReadOnlySpan<byte> name, int start = 0)
    {
        ReadOnlySpan<HeaderEntry> entries = Entries;
        for (int i = start; i < entries.Length; i++)
        {
            if (entries[i].IsUnknownOfLength(name.Length) && HasName(in entries[i], name))
            {
                return i;
            }
        }

        return -1;
    }

    private bool HasName(ref readonly HeaderEntry entry, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> other = Head.Slice(entry.NameOffset, entry.NameLength);

        // Most names of one length differ in their last letter already.
        return ((other[^1] ^ name[^1]) & ~0x20) == 0 && HeaderNameComparison.AreEqual(other, name);
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

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow()
    {
        Debug.Assert(_arena is not null, "Begin comes first.");
        int capacity = _entries.Length * 2;
        if (!_arena.TryResize(ref _entries, capacity))
        {
            UnsafeSlice<HeaderEntry> larger = _arena.AllocateUnsafe<HeaderEntry>(capacity);
            _entries.Span[.._count].CopyTo(larger.Span);
            _entries = larger;
        }
    }

    [Conditional("DEBUG")]
    private void AssertValid()
    {
        Debug.Assert(_count <= _entries.Length);
        Debug.Assert((_repeated & ~_present) == 0);
        Debug.Assert((_present & 1) == 0, "Unknown has no presence bit.");
        Debug.Assert(BitOperations.PopCount(_present) <= _count);
        foreach (HeaderEntry entry in Entries)
        {
            Debug.Assert(entry.NameLength > 0 && entry.NameOffset + entry.NameLength <= _head.Length);
            Debug.Assert(entry.ValueOffset >= 0 && entry.ValueOffset + entry.ValueLength <= _head.Length);
        }
    }

    [InlineArray(KnownHeaders.Count)]
    private struct LastIndexes
    {
        private ushort _element;
    }
}
