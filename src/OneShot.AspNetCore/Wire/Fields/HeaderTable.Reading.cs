using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// The table for readers that may come at any time: a version that changes when a request's lines are there and when they go
/// (a sequence lock). A reader takes the version, then where lines and head are, and looks whether the version still stands
/// before it follows them; what it has read counts only if the version stands afterwards, too.
/// </summary>
/// <remarks>
/// In between, memory that is the reader's no longer may be looked at, within its bounds. The head is mapped as long as the process
/// arena is, and the lines are in an array. A request that leaves its arena does not change the version: readers see that the head has moved, and read again.
/// </remarks>
internal sealed partial class HeaderTable
{
    // The refusal names what applications read the lines through.
    private const string ObjectName = "HeaderSpans";

    // Odd: no request's lines are here. Only whoever fills the table writes it.
    private int _version = 1;

    // All of it at once: readers see the head in the arena, or this one in an array.
    private volatile KeptHead? _kept;

    /// <summary>What readers of the present request's lines have to name.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public int Version
    {
        get
        {
            int version = Volatile.Read(ref _version);
            if ((version & 1) != 0)
            {
                ThrowOver();
            }

            return version;
        }
    }

    /// <summary>Whether the request that <paramref name="version"/> was taken from has ended.</summary>
    public bool IsOver(int version)
    {
        Volatile.ReadBarrier();
        return Volatile.Read(ref _version) != version;
    }

    /// <summary>The lines as they are, for whoever has filled the table.</summary>
    public Lines Raw => new(this, Entries, Head);

    /// <summary>The lines, for a reader that asks <see cref="Lines.IsCurrent"/> before it believes what it has read.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public Lines Read(int version)
    {
        while (true)
        {
            KeptHead? kept = _kept;

            // Each of these may be of another request, and half of it, until the version is found unchanged.
            HeaderEntry[] entries = _entries;
            ReadOnlySpan<byte> head = _head.Tracked;
            int count = _count;
            Volatile.ReadBarrier();
            if (Volatile.Read(ref _version) != version)
            {
                ThrowOver();
            }

            if (kept is not null)
            {
                return new Lines(this, entries.AsSpan(0, count), kept.Span, version, kept);
            }

            if (_kept is null)
            {
                return new Lines(this, entries.AsSpan(0, count), head, version, kept: null);
            }
        }
    }

    /// <summary>
    /// Moves the head to the GC heap, in an array of exactly its size: from here on nothing points into the arena, and the same is read
    /// as before. Spans handed out earlier still point into it.
    /// </summary>
    /// <remarks>The request does not end meanwhile.</remarks>
    public void LeaveArena()
    {
        if (_kept is null)
        {
            _kept = new KeptHead(Head.ToArray(), _head.Length);
        }
    }

    private void Open()
    {
        AssertValid();
        Volatile.Write(ref _version, _version + 1);
    }

    private void Close()
    {
        if ((_version & 1) == 0)
        {
            Volatile.Write(ref _version, _version + 1);
            Volatile.WriteBarrier();
        }
    }

    [DoesNotReturn]
    private static void ThrowOver() => throw new ObjectDisposedException(
        ObjectName, "The request is over, and its headers with it. Read them within the request only.");

    private sealed class KeptHead(byte[] bytes, int length)
    {
        public static KeptHead Nothing { get; } = new([], 0);

        public ReadOnlySpan<byte> Span => bytes.AsSpan(0, length);
    }

    /// <summary>Where the lines of a table were found.</summary>
    /// <remarks>
    /// What is out of bounds is so because the table has moved on under its reader, and is refused as the end of the request is.
    /// </remarks>
    public readonly ref partial struct Lines
    {
        private readonly HeaderTable _table; // null in default, which has no line to ask it about
        private readonly ReadOnlySpan<HeaderEntry> _entries;
        private readonly ReadOnlySpan<byte> _head;
        private readonly object? _kept;
        private readonly int _version;

        internal Lines(HeaderTable table, ReadOnlySpan<HeaderEntry> entries, ReadOnlySpan<byte> head, int version = 0, object? kept = null)
        {
            _table = table;
            _entries = entries;
            _head = head;
            _version = version;
            _kept = kept;
        }

        /// <summary>Whose lines they are; null in the lines of nothing.</summary>
        public HeaderTable? Table => _table;

        /// <summary>The request's, as <see cref="Read(int)"/> wants it.</summary>
        public int Version => _version;

        /// <summary>The head that the entries' offsets count in.</summary>
        public ReadOnlySpan<byte> Head => _head;

        /// <summary>
        /// Whether all that was read so far is what the request has sent. The lines of nothing, <see langword="default"/>, are.
        /// </summary>
        public bool IsCurrent
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                Volatile.ReadBarrier();
                return _table is null || (Volatile.Read(ref _table._version) == _version && ReferenceEquals(_table._kept, _kept));
            }
        }

        /// <summary>These lines, or where they have moved to.</summary>
        /// <exception cref="ObjectDisposedException">The request is over.</exception>
        public Lines Current() => IsCurrent ? this : _table.Read(_version);
    }
}
