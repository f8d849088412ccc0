using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Headers;

/// <summary>
/// The cookies of a request as spans into the one copy of its head, over all its Cookie lines: no string is made, nothing is allocated. They are looked for where they stand,
/// each time they are asked for.
/// </summary>
/// <remarks>
/// By the grammar of RFC 6265, section 4.1.1; what is no cookie by it is passed over. Names compare byte by byte. Values are as they were sent: neither
/// percent-decoded, as <c>Request.Cookies</c> decodes them, nor freed of double quotes. <see langword="default"/> has no cookies; any other refuses with an
/// <see cref="ObjectDisposedException"/> once the request is over.
/// </remarks>
public readonly ref struct CookieSpans
{
    private readonly HeaderTable.Lines _lines;

    internal CookieSpans(HeaderTable.Lines lines) => _lines = lines;

    /// <summary>The value of the first cookie with this name; empty when there is none or when the value is empty.</summary>
    /// <param name="name">Such as <c>"session"u8</c>.</param>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public ReadOnlySpan<byte> this[scoped ReadOnlySpan<byte> name]
    {
        get
        {
            TryGetValue(name, out ReadOnlySpan<byte> value);
            return value;
        }
    }

    /// <summary>Finds the first cookie with this name.</summary>
    /// <param name="name">Such as <c>"session"u8</c>.</param>
    /// <param name="value">Its value, or empty when there is none.</param>
    /// <returns>Whether there is one; its value may be empty.</returns>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public bool TryGetValue(scoped ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        while (true)
        {
            HeaderTable.Lines lines = _lines.Current();
            Place place = Place.BeforeFirst;
            bool isThere = TryFind(lines, name, ref place, out value);
            if (lines.IsCurrent)
            {
                return isThere;
            }
        }
    }

    /// <summary>The values of all cookies with this name, in the order they were sent: such as of one that is set for two paths.</summary>
    /// <param name="name">Such as <c>"session"u8</c>.</param>
    public ValueEnumerator GetValues(ReadOnlySpan<byte> name) => new(_lines, name);

    /// <summary>All cookies in the order they were sent.</summary>
    public Enumerator GetEnumerator() => new(_lines);

    /// <summary>The next cookie. What is read counts if the lines are current afterwards, here as below.</summary>
    private static bool TryTake(HeaderTable.Lines lines, scoped ref Place place, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if (place.Line == Place.BeforeFirst.Line)
        {
            place = new Place(lines.IndexOf("cookie"u8), 0);
        }

        while (place.Line >= 0)
        {
            ReadOnlySpan<byte> cookies = lines.ValueAt(place.Line);
            ReadOnlySpan<byte> rest = cookies[Math.Min(place.Offset, cookies.Length)..];
            if (CookieSyntax.TryTake(ref rest, out name, out value))
            {
                place = place with { Offset = cookies.Length - rest.Length };
                return true;
            }

            place = new Place(lines.NextWithSameName(place.Line), 0);
        }

        name = default;
        value = default;
        return false;
    }

    /// <summary>The next value of that name.</summary>
    private static bool TryFind(HeaderTable.Lines lines, scoped ReadOnlySpan<byte> name, scoped ref Place place, out ReadOnlySpan<byte> value)
    {
        while (TryTake(lines, ref place, out ReadOnlySpan<byte> found, out value))
        {
            if (found.SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Walks all cookies in the order they were sent.</summary>
    public ref struct Enumerator
    {
        private HeaderTable.Lines _lines;
        private Place _place = Place.BeforeFirst;

        internal Enumerator(HeaderTable.Lines lines) => _lines = lines;

        /// <summary>The cookie the enumerator stands on.</summary>
        public NameValueSpan Current { get; private set; }

        /// <summary>Goes to the next cookie.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ObjectDisposedException">The request is over.</exception>
        public bool MoveNext()
        {
            while (true)
            {
                HeaderTable.Lines lines = _lines.Current();
                Place place = _place;
                bool isThere = TryTake(lines, ref place, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
                if (lines.IsCurrent)
                {
                    _lines = lines;
                    _place = place;
                    Current = new NameValueSpan(name, value);
                    return isThere;
                }
            }
        }
    }

    /// <summary>Walks the values of the cookies that share a name, in the order they were sent.</summary>
    public ref struct ValueEnumerator
    {
        private readonly ReadOnlySpan<byte> _name;
        private HeaderTable.Lines _lines;
        private Place _place = Place.BeforeFirst;

        internal ValueEnumerator(HeaderTable.Lines lines, ReadOnlySpan<byte> name)
        {
            _lines = lines;
            _name = name;
        }

        /// <summary>The value the enumerator stands on.</summary>
        public ReadOnlySpan<byte> Current { get; private set; }

        /// <summary>Goes to the next value.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ObjectDisposedException">The request is over.</exception>
        public bool MoveNext()
        {
            while (true)
            {
                HeaderTable.Lines lines = _lines.Current();
                Place place = _place;
                bool isThere = TryFind(lines, _name, ref place, out ReadOnlySpan<byte> value);
                if (lines.IsCurrent)
                {
                    _lines = lines;
                    _place = place;
                    Current = value;
                    return isThere;
                }
            }
        }

        /// <summary>Lets the enumerator stand in a <c>foreach</c>.</summary>
        public readonly ValueEnumerator GetEnumerator() => this;
    }

    /// <summary>Behind which cookie an enumerator stands.</summary>
    /// <param name="Line">The header line, or -1 behind the last.</param>
    /// <param name="Offset">In its value.</param>
    private readonly record struct Place(int Line, int Offset)
    {
        public static readonly Place BeforeFirst = new(-2, 0);
    }
}
