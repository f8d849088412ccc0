using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>Writes into a span from left to right.</summary>
/// <exception cref="ArgumentException">There is no room: what was measured has changed since.</exception>
internal ref struct ByteCursor(Span<byte> span)
{
    private readonly Span<byte> _span = span;

    internal int Written { get; private set; }

    internal void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_span[Written..]);
        Written += bytes.Length;
    }

    /// <summary>The caller knows that the text is ASCII: a checked name or reason phrase.</summary>
    internal void WriteAscii(ReadOnlySpan<char> text)
    {
        if (!TryWriteAscii(text))
        {
            throw NoRoom(); // the text was checked when it was set
        }
    }

    internal bool TryWriteAscii(ReadOnlySpan<char> text)
    {
        if (Ascii.FromUtf16(text, _span[Written..], out int written) != OperationStatus.Done)
        {
            return false;
        }

        Written += written;
        return true;
    }

    internal void Write(ReadOnlySpan<char> text, Encoding encoding) => Written += encoding.GetBytes(text, _span[Written..]);

    internal void Write(long number)
    {
        Written += Utf8Formatter.TryFormat(number, _span[Written..], out int written) ? written : throw NoRoom();
    }

    private static ArgumentException NoRoom() => new("The head has more to write than was measured.");
}
