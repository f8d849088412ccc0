using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// The header lines of one request: entries and head live in the request's arena, or in arrays while there is none and after the
/// request has left it; the object itself lives with the connection.
/// </summary>
/// <remarks>
/// Lines that come before there is an arena for them, those of a head that is not complete, wait in an array of the pool. Whoever
/// fills the table uses it plainly. The application may read it at any moment, also from threads that it has left running:
/// through <see cref="Read(int)"/>, which notices when the table has moved on.
/// </remarks>
internal sealed partial class HeaderTable
{
    /// <summary>Room to begin with for lines that come one by one.</summary>
    private const int InitialCapacity = 8;

    private Arena? _arena;
    private UnsafeSlice<HeaderEntry> _entries;
    private UnsafeSlice<byte> _head;
    private HeaderEntry[]? _stagedEntries;
    private int _count;
    private UnknownLines _unknown;

    // For each known header: 0 of no line, 1 of one, more of several; and the last line, which is another request's where there is none.
    private LineCounts _lineCounts;
    private LastIndexes _last;

    /// <summary>The head the entries' offsets count in. Empty until it is committed.</summary>
    public ReadOnlySpan<byte> Head => _kept is { } kept ? kept.Head : _head.Span;

    /// <summary>The lines in wire order.</summary>
    public ReadOnlySpan<HeaderEntry> Entries => _kept is { } kept ? kept.Entries : _stagedEntries is { } staged ? staged.AsSpan(0, _count) : _entries.Span[.._count];

    /// <summary>The number of lines.</summary>
    public int Count => _count;

    /// <summary>Whether any value has a byte above 0x7F.</summary>
    public bool HasNonAscii { get; private set; }

    /// <summary>Gets ready for lines that go into the arena of the request that begins, or, without one, wait for it.</summary>
    public void Begin(Arena? arena)
    {
        Clear();
        _arena = arena;
    }

    /// <summary>The arena goes before the head is complete: the lines so far wait in an array.</summary>
    public void Stage()
    {
        if (_arena is not null && _count > 0)
        {
            HeaderEntry[] staged = ArrayPool<HeaderEntry>.Shared.Rent(_count);
            Entries.CopyTo(staged);
            _stagedEntries = staged;
        }

        _arena = null;
        _entries = default;
    }

    /// <summary>Gives back the room no line has taken, copies the head, once, into the arena, and opens the table to readers.</summary>
    /// <param name="arena">The request's; the one that <see cref="Begin"/> was given, if it was given any.</param>
    /// <param name="head">The head.</param>
    public void Commit(Arena arena, ReadOnlySpan<byte> head)
    {
        if (_stagedEntries is not null)
        {
            Unstage(arena);
        }
        else if (_count < _entries.Length)
        {
            arena.TryResize(ref _entries, _count);
        }

        UnsafeSlice<byte> copy = arena.AllocateUnsafe<byte>(head.Length);
        head.CopyTo(copy.Span);
        _head = copy;
        Open();
    }

    /// <summary>Takes a head that is in the arena already, and opens the table to readers.</summary>
    public void Commit(Arena arena, UnsafeSlice<byte> head)
    {
        Unstage(arena);
        _head = head;
        Open();
    }

    /// <summary>Takes a head that stays in an array, as the lines do, and opens the table to readers.</summary>
    /// <param name="head">Not changed until <see cref="Clear"/>.</param>
    /// <param name="length">How much of it is the head.</param>
    public void CommitStaged(byte[] head, int length)
    {
        Debug.Assert(_arena is null, "The lines are in an array.");
        _kept = length == 0 ? Kept.Nothing : new Kept(_stagedEntries ?? [], _count, head, length);
        Open();
    }

    /// <summary>Closes the table to readers and forgets the request. The memory goes with its arena.</summary>
    public void Clear()
    {
        Close();
        _arena = null;
        _entries = default;
        _head = default;
        _kept = null;
        if (_stagedEntries is { } staged)
        {
            _stagedEntries = null;
            ArrayPool<HeaderEntry>.Shared.Return(staged);
        }

        _count = 0;
        _lineCounts = default;
        _unknown = default;
        HasNonAscii = false;
    }

    /// <summary>Adds a line whose offsets count in the head that is committed in the end.</summary>
    public void Add(int nameOffset, HeaderNameKey key, int valueOffset, int valueLength, bool hasNonAscii)
    {
        HeaderEntry entry = default;
        entry.Set(nameOffset, key, valueOffset, valueLength, hasNonAscii);
        if (_arena is not null && _count == _entries.Length)
        {
            Grow(Math.Max(InitialCapacity, 2 * _count));
        }

        HasNonAscii |= hasNonAscii;
        AddRange(new ReadOnlySpan<HeaderEntry>(in entry));
    }

    /// <summary>Another value for a line, of ASCII bytes that stand elsewhere in the head.</summary>
    public void ReplaceValue(int index, int valueOffset, int valueLength)
    {
        ref HeaderEntry entry = ref _entries.Span[index];
        entry.Set(entry.NameOffset, entry.Key, valueOffset, valueLength);
    }

    /// <summary>Adds lines of ASCII values.</summary>
    public void AddRange(ReadOnlySpan<HeaderEntry> lines)
    {
        int total = _count + lines.Length;
        if (_arena is null)
        {
            MakeStagedRoom(total);
        }
        else if (_count == 0 && _entries.Length == 0)
        {
            _entries = _arena.AllocateUnsafe<HeaderEntry>(total); // nearly always all there are
        }
        else if (total > _entries.Length)
        {
            Grow(total);
        }

        Span<HeaderEntry> room = _stagedEntries is { } staged ? staged : _entries.Span;
        ref HeaderEntry from = ref MemoryMarshal.GetReference(lines);
        ref HeaderEntry to = ref Unsafe.Add(ref MemoryMarshal.GetReference(room), _count);
        ref byte counts = ref Unsafe.As<LineCounts, byte>(ref _lineCounts);
        ref ushort last = ref Unsafe.As<LastIndexes, ushort>(ref _last);
        UnknownLines unknown = _unknown;
        int index = _count;
        for (nint i = 0; i < lines.Length; i++)
        {
            Unsafe.Add(ref to, i) = Unsafe.Add(ref from, i);
            nuint known = (nuint)Unsafe.Add(ref from, i).Known % KnownHeaderData.Capacity; // never out of the arrays' bounds
            if (known == (nuint)KnownHeader.Unknown)
            {
                unknown.Add(index);
            }

            ref byte count = ref Unsafe.Add(ref counts, known);
            count = (byte)((count << 1) | 1); // 1, 3, 7, ... 255
            Unsafe.Add(ref last, known) = (ushort)index;
            index++;
        }

        counts = 0; // of unknown headers, which nobody asks for
        _unknown = unknown;
        _count = total;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int capacity)
    {
        Debug.Assert(_arena is not null, "Lines that wait for an arena grow elsewhere.");
        Debug.Assert(capacity > _entries.Length);
        if (_count == 0 || !_arena.TryResize(ref _entries, capacity))
        {
            UnsafeSlice<HeaderEntry> larger = _arena.AllocateUnsafe<HeaderEntry>(capacity);
            Entries.CopyTo(larger.Span);
            _entries = larger;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MakeStagedRoom(int count)
    {
        if (_stagedEntries is not null && _stagedEntries.Length >= count)
        {
            return;
        }

        HeaderEntry[] larger = ArrayPool<HeaderEntry>.Shared.Rent(Math.Max(InitialCapacity, Math.Max(count, 2 * _count)));
        if (_stagedEntries is { } smaller)
        {
            smaller.AsSpan(0, _count).CopyTo(larger);
            ArrayPool<HeaderEntry>.Shared.Return(smaller);
        }

        _stagedEntries = larger;
    }

    /// <summary>Copies lines that have waited into the arena, where no mark of the application takes them back.</summary>
    private void Unstage(Arena arena)
    {
        if (_stagedEntries is not { } staged)
        {
            return;
        }

        UnsafeSlice<HeaderEntry> entries = arena.AllocateForRequest<HeaderEntry>(_count);
        staged.AsSpan(0, _count).CopyTo(entries.Span);
        _entries = entries;
        _stagedEntries = null;
        ArrayPool<HeaderEntry>.Shared.Return(staged);
    }

    [Conditional("DEBUG")]
    private void AssertValid()
    {
        Debug.Assert(_lineCounts[(int)KnownHeader.Unknown] == 0, "Unknown lines are not counted.");
        for (int known = 1; known < KnownHeaderData.Count; known++)
        {
            int lines = 0;
            foreach (HeaderEntry entry in Entries)
            {
                lines += (int)entry.Known == known ? 1 : 0;
            }

            Debug.Assert(Math.Min(lines, 2) == Math.Min((int)_lineCounts[known], 2));
            Debug.Assert(lines == 0 || (int)Entries[_last[known]].Known == known);
        }

        int length = Head.Length;
        foreach (HeaderEntry entry in Entries)
        {
            Debug.Assert(entry.NameLength > 0 && entry.NameOffset + entry.NameLength <= length);
            Debug.Assert(entry.ValueOffset >= 0 && entry.ValueOffset + entry.ValueLength <= length);
        }
    }

    [InlineArray(KnownHeaderData.Capacity)]
    private struct LineCounts
    {
        private byte _element;
    }

    [InlineArray(KnownHeaderData.Capacity)]
    private struct LastIndexes
    {
        private ushort _element;
    }
}
