using System.Buffers.Text;
using System.Text;

namespace OneShot.LoadTest.Tail.Load;

/// <summary>As much of an HTTP/1.1 response as a load needs: its status, and where it ends. By its Content-Length, which the sample always gives.</summary>
internal static class ResponseReader
{
    // "HTTP/1.1 200"
    private const int StatusAt = 9;
    private const int StatusLength = 3;

    private static ReadOnlySpan<byte> EndOfHead => "\r\n\r\n"u8;

    private static ReadOnlySpan<byte> EndOfLine => "\r\n"u8;

    /// <returns>False while it is not whole.</returns>
    /// <exception cref="InvalidDataException">It is none, or of no known length.</exception>
    public static bool TryRead(ReadOnlySpan<byte> received, out Response response)
    {
        response = default;
        int head = received.IndexOf(EndOfHead);
        if (head < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> lines = received[..(head + EndOfLine.Length)];
        if (!lines.StartsWith("HTTP/1.1 "u8) || lines.Length < StatusAt + StatusLength
            || !Utf8Parser.TryParse(lines.Slice(StatusAt, StatusLength), out int status, out int digits) || digits != StatusLength
            || !Utf8Parser.TryParse(FieldOf(lines, "content-length"u8), out int body, out _))
        {
            throw new InvalidDataException($"No response with a Content-Length: {Encoding.Latin1.GetString(lines)}");
        }

        response = new Response(status, head + EndOfHead.Length + body, Ascii.EqualsIgnoreCase(FieldOf(lines, "connection"u8), "close"u8));
        return received.Length >= response.Length;
    }

    /// <returns>The value of the first field of that name, in any case: balancers write names in lower case. Empty if there is none.</returns>
    private static ReadOnlySpan<byte> FieldOf(ReadOnlySpan<byte> lines, ReadOnlySpan<byte> name)
    {
        while (lines.IndexOf(EndOfLine) is >= 0 and int end)
        {
            if (end > name.Length && lines[name.Length] == ':' && Ascii.EqualsIgnoreCase(lines[..name.Length], name))
            {
                return lines[(name.Length + 1)..end].Trim(" \t"u8);
            }

            lines = lines[(end + EndOfLine.Length)..];
        }

        return default;
    }
}

/// <param name="Length">Of head and body.</param>
/// <param name="Closes">The server closes the connection behind it.</param>
internal readonly record struct Response(int Status, int Length, bool Closes);
