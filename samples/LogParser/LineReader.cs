namespace LogParser;

/// <summary>The lines of a stream, one after another, without their ends. Both parsers read by it.</summary>
internal sealed class LineReader(Stream stream)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _isAtEnd;

    /// <param name="line">The line. Valid until the next call.</param>
    /// <returns>False at the end of the stream.</returns>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int searched = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = _buffer.AsSpan(_start, _end - _start);
            int length = rest[searched..].IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = rest[..(searched + length)];
                _start += line.Length + 1;
                return true;
            }

            if (_isAtEnd)
            {
                line = rest;
                _start = _end;
                return !rest.IsEmpty;
            }

            searched = rest.Length;
            Fill();
        }
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _isAtEnd = read == 0;
    }
}
