using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// The query of a request as spans: no string is made. A value that holds no escape and no plus sign is a span into the one copy of the head; any other is decoded
/// into the request's arena, each time it is asked for. Pairs are looked for where they stand.
/// </summary>
/// <remarks>
/// Not thread-safe: reading may allocate from the arena, which has one owner at a time. Header lines and cookies, which are spans into the head, may be read by several threads.
/// As forms encode: <c>name=value</c> joined by <c>&amp;</c>, a plus sign is a space, percent escapes are bytes, in names too, and what is no escape
/// stays as it is. Names compare byte by byte once they are decoded, and unlike those of <c>Request.Query</c> with regard to case. Decoded bytes are the client's: they need not be UTF-8.
/// They are valid until the request ends, or a mark around the call is rewound. <see langword="default"/> has no pairs; any other refuses with an <see cref="ObjectDisposedException"/>
/// once the request is over.
/// </remarks>
public readonly ref struct QuerySpans
{
    // Where an enumerator stands in the target before the first pair.
    private const int BeforeFirst = -1;

    private readonly HeaderTable.Lines _lines;
    private readonly IRequestArenaFeature? _feature;

    internal QuerySpans(HeaderSpans headers, IRequestArenaFeature feature)
    {
        _lines = headers.Lines;
        _feature = feature;
    }

    /// <summary>The query as it was sent, without its question mark; empty where there is none.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public ReadOnlySpan<byte> Raw
    {
        get
        {
            while (true)
            {
                HeaderTable.Lines lines = _lines.Current();
                ReadOnlySpan<byte> query = TargetParts.QueryOf(lines.Target);
                if (lines.IsCurrent)
                {
                    return query;
                }
            }
        }
    }

    /// <summary>The value of the first pair with this name, decoded; empty when there is none or when the value is empty.</summary>
    /// <param name="name">Decoded, such as <c>"page"u8</c>.</param>
    /// <exception cref="ArenaExhaustedException">The value has to be decoded, the process arena is full, and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public ReadOnlySpan<byte> this[scoped ReadOnlySpan<byte> name]
    {
        get
        {
            TryGetValue(name, out ReadOnlySpan<byte> value);
            return value;
        }
    }

    /// <summary>Finds the first pair with this name.</summary>
    /// <param name="name">Decoded, such as <c>"page"u8</c>.</param>
    /// <param name="value">Its value, decoded; empty when there is no such pair, and for a name without an equals sign.</param>
    /// <returns>Whether there is one; its value may be empty.</returns>
    /// <exception cref="ArenaExhaustedException">The value has to be decoded, the process arena is full, and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public bool TryGetValue(scoped ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        while (true)
        {
            HeaderTable.Lines lines = _lines.Current();
            int next = BeforeFirst;
            bool isThere = TryFind(lines, _feature, name, ref next, out value);
            if (lines.IsCurrent)
            {
                return isThere;
            }
        }
    }

    /// <summary>The values of all pairs with this name, decoded, in the order they were sent.</summary>
    /// <param name="name">Decoded, such as <c>"tag"u8</c>.</param>
    public ValueEnumerator GetValues(ReadOnlySpan<byte> name) => new(this, name);

    /// <summary>All pairs, decoded, in the order they were sent.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>The next pair as it was sent. What is read counts if the lines are current afterwards, here as below.</summary>
    private static bool TryTake(HeaderTable.Lines lines, scoped ref int next, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> target = lines.Target;
        ReadOnlySpan<byte> rest = next == BeforeFirst ? TargetParts.QueryOf(target) : target[Math.Min(next, target.Length)..];
        bool isThere = QuerySyntax.TryTake(ref rest, out name, out value);
        next = target.Length - rest.Length;
        return isThere;
    }

    /// <summary>The next value of that name, decoded.</summary>
    private static bool TryFind(
        HeaderTable.Lines lines, IRequestArenaFeature? feature, scoped ReadOnlySpan<byte> name, scoped ref int next, out ReadOnlySpan<byte> value)
    {
        while (TryTake(lines, ref next, out ReadOnlySpan<byte> encodedName, out ReadOnlySpan<byte> encodedValue))
        {
            if (QuerySyntax.IsSame(encodedName, name))
            {
                value = Decode(feature, encodedValue);
                return true;
            }
        }

        value = default;
        return false;
    }

    private static ReadOnlySpan<byte> Decode(IRequestArenaFeature? feature, ReadOnlySpan<byte> encoded)
    {
        if (feature is null || QuerySyntax.IsPlain(encoded))
        {
            return encoded;
        }

        Span<byte> decoded = feature.Arena.AllocateUninitialized<byte>(encoded.Length);
        return decoded[..QuerySyntax.Decode(encoded, decoded)];
    }

    /// <summary>Walks all pairs in the order they were sent.</summary>
    public ref struct Enumerator
    {
        private readonly IRequestArenaFeature? _feature;
        private HeaderTable.Lines _lines;
        private int _next = BeforeFirst;

        internal Enumerator(QuerySpans query)
        {
            _feature = query._feature;
            _lines = query._lines;
        }

        /// <summary>The pair the enumerator stands on, decoded.</summary>
        public NameValueSpan Current { get; private set; }

        /// <summary>Goes to the next pair.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ArenaExhaustedException">It has to be decoded, the process arena is full, and its policy is not to fall back.</exception>
        /// <exception cref="ObjectDisposedException">The request is over.</exception>
        public bool MoveNext()
        {
            while (true)
            {
                HeaderTable.Lines lines = _lines.Current();
                int next = _next;
                bool isThere = TryTake(lines, ref next, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
                NameValueSpan pair = isThere ? new NameValueSpan(Decode(_feature, name), Decode(_feature, value)) : default;
                if (lines.IsCurrent)
                {
                    _lines = lines;
                    _next = next;
                    Current = pair;
                    return isThere;
                }
            }
        }
    }

    /// <summary>Walks the values of the pairs that share a name, in the order they were sent.</summary>
    public ref struct ValueEnumerator
    {
        private readonly IRequestArenaFeature? _feature;
        private readonly ReadOnlySpan<byte> _name;
        private HeaderTable.Lines _lines;
        private int _next = BeforeFirst;

        internal ValueEnumerator(QuerySpans query, ReadOnlySpan<byte> name)
        {
            _feature = query._feature;
            _lines = query._lines;
            _name = name;
        }

        /// <summary>The value the enumerator stands on, decoded.</summary>
        public ReadOnlySpan<byte> Current { get; private set; }

        /// <summary>Goes to the next value.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ArenaExhaustedException">It has to be decoded, the process arena is full, and its policy is not to fall back.</exception>
        /// <exception cref="ObjectDisposedException">The request is over.</exception>
        public bool MoveNext()
        {
            while (true)
            {
                HeaderTable.Lines lines = _lines.Current();
                int next = _next;
                bool isThere = TryFind(lines, _feature, _name, ref next, out ReadOnlySpan<byte> value);
                if (lines.IsCurrent)
                {
                    _lines = lines;
                    _next = next;
                    Current = value;
                    return isThere;
                }
            }
        }

        /// <summary>Lets the enumerator stand in a <c>foreach</c>.</summary>
        public readonly ValueEnumerator GetEnumerator() => this;
    }
}
