using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// The header lines of one request: where each is in the head. The head lies in the request's arena, or in an array where there is
/// none; the lines are the connection's, in an array that its next request writes over. Users never see them.
/// </summary>
/// <remarks>
/// Whoever fills the table uses it plainly. The application may read it at any moment, also from threads that it has left running:
/// through <see cref="Read(int)"/>, which notices when the table has moved on.
/// </remarks>
internal sealed partial class HeaderTable
{
    /// <summary>Room to begin with, in lines: most requests have no more.</summary>
    private const int InitialCapacity = 16;

    /// <summary>More lines than this are rare, and a connection does not keep the room for them.</summary>
    private const int MostKept = 64;

    private HeaderEntry[] _entries = [];
    private UnsafeSlice<byte> _head;
    private int _count;
    private UnknownLines _unknown;
    private RequestLine _line;

    // For each known header: 0 of no line, 1 of one, more of several; and the last line, which is another request's where there is none.
    private LineCounts _lineCounts;
    private LastIndexes _last;

    /// <summary>The head the entries' offsets count in. Empty until it is committed.</summary>
    public ReadOnlySpan<byte> Head => _kept is { } kept ? kept.Span : _head.Span;

    /// <summary>The lines in wire order.</summary>
    public ReadOnlySpan<HeaderEntry> Entries => _entries.AsSpan(0, _count);

    /// <summary>The number of lines.</summary>
    public int Count => _count;

    /// <summary>Whether any value has a byte above 0x7F.</summary>
    public bool HasNonAscii { get; private set; }

    /// <summary>Copies the head, once, into the request's arena, and opens the table to readers.</summary>
    /// <param name="arena">The request's.</param>
    /// <param name="head">The head.</param>
    /// <param name="line">Where its request line has which part.</param>
    public void Commit(Arena arena, ReadOnlySpan<byte> head, in RequestLine line = default)
    {
        UnsafeSlice<byte> copy = arena.AllocateUnsafe<byte>(head.Length);
        head.CopyTo(copy.Span);
        Commit(copy, line);
    }

    /// <summary>Takes a head that is in the arena already, and opens the table to readers.</summary>
    public void Commit(UnsafeSlice<byte> head, in RequestLine line = default)
    {
        _head = head;
        _line = line;
        Open();
    }

    /// <summary>Takes a head that stays in an array, and opens the table to readers.</summary>
    /// <param name="head">Not changed until <see cref="Clear"/>.</param>
    /// <param name="length">How much of it is the head.</param>
    public void Commit(byte[] head, int length)
    {
        _kept = length == 0 ? KeptHead.Nothing : new KeptHead(head, length);
        Open();
    }

    /// <summary>Closes the table to readers and forgets the request. The head's memory goes with its arena.</summary>
    public void Clear()
    {
        Close();
        _head = default;
        _kept = null;
        _count = 0;
        _lineCounts = default;
        _unknown = default;
        _line = default;
        HasNonAscii = false;
        if (_entries.Length > MostKept && Interlocked.Exchange(ref _entries, []) is { Length: > MostKept } rented)
        {
            ArrayPool<HeaderEntry>.Shared.Return(rented); // by whoever takes it out: a thread that the application has left may be adding lines
        }
    }

    /// <summary>Adds a line whose offsets count in the head that is committed in the end.</summary>
    public void Add(int nameOffset, HeaderNameKey key, int valueOffset, int valueLength, bool hasNonAscii)
    {
        HeaderEntry entry = default;
        entry.Set(nameOffset, key, valueOffset, valueLength, hasNonAscii);
        HasNonAscii |= hasNonAscii;
        AddRange(new ReadOnlySpan<HeaderEntry>(in entry));
    }

    /// <summary>Another value for a line, of ASCII bytes that stand elsewhere in the head.</summary>
    public void ReplaceValue(int index, int valueOffset, int valueLength)
    {
        ref HeaderEntry entry = ref _entries[index];
        entry.Set(entry.NameOffset, entry.Key, valueOffset, valueLength);
    }

    /// <summary>Adds lines of ASCII values.</summary>
    public void AddRange(ReadOnlySpan<HeaderEntry> lines)
    {
        // Array and count are read once: an application that reads the request's lines on a thread of its own may be at its end, and clear the
        // table. The slice is what is checked; behind it nothing is.
        int index = _count;
        int total = index + lines.Length;
        HeaderEntry[] entries = _entries;
        if (total > entries.Length)
        {
            entries = Grow(entries, index, total);
        }

        ref HeaderEntry from = ref MemoryMarshal.GetReference(lines);
        ref HeaderEntry to = ref MemoryMarshal.GetReference(entries.AsSpan(index, lines.Length));
        ref byte counts = ref Unsafe.As<LineCounts, byte>(ref _lineCounts);
        ref ushort last = ref Unsafe.As<LastIndexes, ushort>(ref _last);
        UnknownLines unknown = _unknown;
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

    /// <summary>
    /// Few lines get an array of the connection's own, many one of the pool until <see cref="Clear"/>. Readers of an earlier request may
    /// still look at the one that is given up, whoever writes to it by then: what they have read does not count.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private HeaderEntry[] Grow(HeaderEntry[] smaller, int used, int count)
    {
        int wanted = Math.Max(count, Math.Max(InitialCapacity, 2 * smaller.Length));
        HeaderEntry[] larger = wanted <= MostKept ? new HeaderEntry[wanted] : ArrayPool<HeaderEntry>.Shared.Rent(wanted);
        smaller.AsSpan(0, used).CopyTo(larger);
        bool isOurs = Interlocked.CompareExchange(ref _entries, larger, smaller) == smaller; // else the end has it, and gives it back
        if (isOurs && smaller.Length > MostKept)
        {
            ArrayPool<HeaderEntry>.Shared.Return(smaller);
        }

        return larger;
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
