using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>Writes into a span from left to right. The span is large enough by its owner's measure; the span's own checks hold that.</summary>
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
        bool ascii = TryWriteAscii(text);
        Debug.Assert(ascii, "the text was checked when it was set");
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
        bool fits = Utf8Formatter.TryFormat(number, _span[Written..], out int written);
        Debug.Assert(fits, "20 bytes were measured");
        Written += written;
    }
}
