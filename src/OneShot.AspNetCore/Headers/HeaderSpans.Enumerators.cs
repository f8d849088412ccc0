namespace OneShot.AspNetCore.Headers;

public readonly ref partial struct HeaderSpans
{
    /// <summary>Walks all header lines in wire order.</summary>
    public ref struct Enumerator
    {
        private readonly HeaderTable? _table;
        private int _index = -1;

        internal Enumerator(HeaderTable? table) => _table = table;

        /// <summary>The line the enumerator stands on.</summary>
        public readonly HeaderSpan Current => new(_table!.NameAt(_index), _table.ValueAt(_index));

        /// <summary>Goes to the next line.</summary>
        /// <returns>Whether there is one.</returns>
        public bool MoveNext() => ++_index < (_table is null ? 0 : _table.Count);
    }

    /// <summary>Walks the values of the lines that share a name, in wire order.</summary>
    public ref struct ValueEnumerator
    {
        private readonly HeaderTable? _table;
        private int _next;
        private int _index = -1;

        internal ValueEnumerator(HeaderTable? table, int first)
        {
            _table = table;
            _next = first;
        }

        /// <summary>The raw value the enumerator stands on.</summary>
        public readonly ReadOnlySpan<byte> Current => _table!.ValueAt(_index);

        /// <summary>Goes to the next value.</summary>
        /// <returns>Whether there is one.</returns>
        public bool MoveNext()
        {
            _index = _next;
            if (_index < 0)
            {
                return false;
            }

            _next = _table!.NextWithSameName(_index);
            return true;
        }

        /// <summary>Lets the enumerator stand in a <c>foreach</c>.</summary>
        public readonly ValueEnumerator GetEnumerator() => this;
    }
}
