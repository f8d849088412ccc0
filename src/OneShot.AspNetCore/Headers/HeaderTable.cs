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
    /// <summary>Room to begin with for lines that come one by one.</summary>
    private const int InitialCapacity = 8;

    private const ulong UnknownBit = 1UL << (int)KnownHeader.Unknown;

    private Arena? _arena;
    private UnsafeSlice<HeaderEntry> _entries;
    private UnsafeSlice<byte> _head;
    private int _count;
    private ulong _present;
    private ulong _repeated;
    private UnknownLines _unknown;
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

    /// <summary>Gets ready for lines that go into the arena of the request that begins.</summary>
    public void Begin(Arena arena)
    {
        Clear();
        _arena = arena;
    }

    /// <summary>Gives back the room no line has taken and copies the head, once, into the arena.</summary>
    public void Commit(ReadOnlySpan<byte> head)
    {
        Debug.Assert(_arena is not null, "Begin comes first.");
        if (_count < _entries.Length)
        {
            _arena.TryResize(ref _entries, _count);
        }

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
        _unknown = default;
        HasNonAscii = false;
    }

    /// <summary>Adds a line whose offsets count in the head that is committed in the end.</summary>
    public void Add(int nameOffset, HeaderNameKey key, int valueOffset, int valueLength, bool hasNonAscii)
    {
        HeaderEntry entry = default;
        entry.Set(nameOffset, key, valueOffset, valueLength, hasNonAscii);
        if (_count == _entries.Length)
        {
            Grow(Math.Max(InitialCapacity, 2 * _count));
        }

        HasNonAscii |= hasNonAscii;
        AddRange(new ReadOnlySpan<HeaderEntry>(in entry));
    }

    /// <summary>Adds lines of ASCII values.</summary>
    public void AddRange(ReadOnlySpan<HeaderEntry> lines)
    {
        int count = _count + lines.Length;
        if (_count == 0 && _entries.Length == 0)
        {
            Debug.Assert(_arena is not null, "Begin comes first.");
            _entries = _arena.AllocateUnsafe<HeaderEntry>(count); // nearly always all there are
        }
        else if (count > _entries.Length)
        {
            Grow(count);
        }

        ref HeaderEntry from = ref MemoryMarshal.GetReference(lines);
        ref HeaderEntry to = ref Unsafe.Add(ref MemoryMarshal.GetReference(_entries.Span), _count);
        ref ushort last = ref Unsafe.As<LastIndexes, ushort>(ref _last);
        ulong present = _present;
        ulong repeated = _repeated;
        UnknownLines unknown = _unknown;
        int index = _count;
        for (nint i = 0; i < lines.Length; i++)
        {
            Unsafe.Add(ref to, i) = Unsafe.Add(ref from, i);
            nuint known = (nuint)Unsafe.Add(ref from, i).Known % KnownHeaders.Count; // never out of the array's bounds
            if (known == (nuint)KnownHeader.Unknown)
            {
                unknown.Add(index);
            }

            ulong bit = 1UL << (int)known;
            repeated |= present & bit;
            present |= bit;
            Unsafe.Add(ref last, known) = (ushort)index;
            index++;
        }

        // The bit of unknown headers is one that nobody asks for.
        _present = present & ~UnknownBit;
        _repeated = repeated & ~UnknownBit;
        _unknown = unknown;
        _count = count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int capacity)
    {
        Debug.Assert(_arena is not null, "Begin comes first.");
        Debug.Assert(capacity > _entries.Length);
        if (_count == 0 || !_arena.TryResize(ref _entries, capacity))
        {
            UnsafeSlice<HeaderEntry> larger = _arena.AllocateUnsafe<HeaderEntry>(capacity);
            Entries.CopyTo(larger.Span);
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
