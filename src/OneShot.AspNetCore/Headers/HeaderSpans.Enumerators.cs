using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Headers;

public readonly ref partial struct HeaderSpans
{
    /// <summary>Walks all header lines in wire order.</summary>
    public ref struct Enumerator
    {
        private HeaderTable.Lines _lines;
        private int _index = -1;

        internal Enumerator(HeaderTable.Lines lines) => _lines = lines;

        /// <summary>The line the enumerator stands on.</summary>
        /// <exception cref="ObjectDisposedException">The request is over.</exception>
        public readonly HeaderSpan Current
        {
            get
            {
                while (true)
                {
                    HeaderTable.Lines lines = _lines.Current();
                    var line = new HeaderSpan(lines.NameAt(_index), lines.ValueAt(_index));
                    if (lines.IsCurrent)
                    {
                        return line;
                    }
                }
            }
        }

        /// <summary>Goes to the next line.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ObjectDisposedException">The request is over.</exception>
        public bool MoveNext()
        {
            _lines = _lines.Current();
            return ++_index < _lines.Count;
        }
    }

    /// <summary>Walks the values of the lines that share a name, in wire order.</summary>
    public ref struct ValueEnumerator
    {
        private HeaderTable.Lines _lines;
        private int _next;
        private int _index = -1;

        internal ValueEnumerator(HeaderTable.Lines lines, int first)
        {
            _lines = lines;
            _next = first;
        }

        /// <summary>The raw value the enumerator stands on.</summary>
        /// <exception cref="ObjectDisposedException">The request is over.</exception>
        public readonly ReadOnlySpan<byte> Current
        {
            get
            {
                while (true)
                {
                    HeaderTable.Lines lines = _lines.Current();
                    ReadOnlySpan<byte> value = lines.ValueAt(_index);
                    if (lines.IsCurrent)
                    {
                        return value;
                    }
                }
            }
        }

        /// <summary>Goes to the next value.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ObjectDisposedException">The request is over.</exception>
        public bool MoveNext()
        {
            _index = _next;
            while (_index >= 0)
            {
                _lines = _lines.Current();
                _next = _lines.NextWithSameName(_index);
                if (_lines.IsCurrent)
                {
                    return true;
                }
            }

            return false;
        }

        /// <summary>Lets the enumerator stand in a <c>foreach</c>.</summary>
        public readonly ValueEnumerator GetEnumerator() => this;
    }
}
