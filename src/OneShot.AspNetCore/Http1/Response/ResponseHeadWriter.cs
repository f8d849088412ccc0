using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>Status line and fields to bytes (RFC 9112 section 4).</summary>
internal static class ResponseHeadWriter
{
    private static readonly byte[][] s_statusLines = BuildStatusLines();

    private static ReadOnlySpan<byte> ServerLine => "Server: Kestrel\r\n"u8;
    private static ReadOnlySpan<byte> ContinueResponse => "HTTP/1.1 100 Continue\r\n\r\n"u8;

    /// <param name="span">At least as large as <see cref="Measure"/> says.</param>
    /// <param name="plan">Status and framing, whatever the fields say of that by now.</param>
    /// <param name="reasonPhrase">Null for the registered one.</param>
    /// <param name="headers">What the application has set.</param>
    /// <param name="extras">What the server adds.</param>
    /// <returns>The bytes written.</returns>
    /// <exception cref="ArgumentException">There is more to write than was measured: the application has added fields meanwhile, on another thread. Or an encoding refuses a value.</exception>
    internal static int Write(Span<byte> span, in ResponsePlan plan, string? reasonPhrase, ResponseHeaderDictionary headers, ResponseExtras extras)
    {
        var cursor = new ByteCursor(span);

        WriteStatusLine(ref cursor, plan.Status, reasonPhrase);
        long? length = plan.ContentLength; // null once it is written, and so the coding
        string? coding = plan.TransferEncoding;
        foreach ((string name, StringValues values) in headers.Fields)
        {
            switch (ResponseFieldNames.Classify(name))
            {
                case ResponseFields.ContentLength:
                    WriteContentLength(ref cursor, length);
                    length = null;
                    break;
                case ResponseFields.TransferEncoding:
                    WriteTransferEncoding(ref cursor, coding, headers);
                    coding = null;
                    break;
                default:
                    foreach (string? value in values)
                    {
                        if (value is not null)
                        {
                            WriteField(ref cursor, name, value, headers);
                        }
                    }

                    break;
            }
        }

        WriteContentLength(ref cursor, length);
        WriteTransferEncoding(ref cursor, coding, headers);
        cursor.Write(extras.Connection switch
        {
            ConnectionField.Close => "Connection: close\r\n"u8,
            ConnectionField.KeepAlive => "Connection: keep-alive\r\n"u8,
            _ => [],
        });
        if (extras.Chunked)
        {
            cursor.Write("Transfer-Encoding: chunked\r\n"u8);
        }

        if (extras.Server)
        {
            cursor.Write(ServerLine);
        }

        cursor.Write(extras.DateLine);
        cursor.Write(extras.AltSvcLine);
        cursor.Write("\r\n"u8);
        return cursor.Written;
    }

    internal static void WriteContinue(IBufferWriter<byte> output) => output.Write(ContinueResponse);

    /// <summary>An upper bound of the head's size in bytes.</summary>
    internal static int Measure(in ResponsePlan plan, string? reasonPhrase, ResponseHeaderDictionary headers, ResponseExtras extras)
    {
        const int FixedParts = 64 + 24 + 28 + 17 + 2 + 38; // status line, Connection, Transfer-Encoding, Server, end, Content-Length of up to 20 digits
        int size = FixedParts + (reasonPhrase?.Length ?? 0) + extras.DateLine.Length + extras.AltSvcLine.Length
            + (plan.TransferEncoding is { } codings ? HeaderNames.TransferEncoding.Length + 4 + Encoding.UTF8.GetMaxByteCount(codings.Length) : 0);
        foreach ((string name, StringValues values) in headers.Fields)
        {
            for (int i = 0; i < values.Count; i++)
            {
                if (values[i] is { } value)
                {
                    size += name.Length + 4 + (Ascii.IsValid(value)
                        ? value.Length
                        : (headers.EncodingSelector(name) ?? Encoding.UTF8).GetMaxByteCount(value.Length));
                }
            }
        }

        return size;
    }

    private static void WriteStatusLine(ref ByteCursor cursor, int statusCode, string? reasonPhrase)
    {
        if (string.IsNullOrEmpty(reasonPhrase) && (uint)statusCode < (uint)s_statusLines.Length)
        {
            cursor.Write(s_statusLines[statusCode]);
            return;
        }

        cursor.Write("HTTP/1.1 "u8);
        cursor.Write(statusCode);
        cursor.Write(" "u8);
        cursor.WriteAscii(reasonPhrase ?? "");
        cursor.Write("\r\n"u8);
    }

    private static void WriteField(ref ByteCursor cursor, string name, string value, ResponseHeaderDictionary headers)
    {
        cursor.WriteAscii(name);
        cursor.Write(": "u8);
        if (!cursor.TryWriteAscii(value))
        {
            cursor.Write(value, headers.EncodingSelector(name) ?? Encoding.UTF8);
        }

        cursor.Write("\r\n"u8);
    }

    private static void WriteTransferEncoding(ref ByteCursor cursor, string? codings, ResponseHeaderDictionary headers)
    {
        if (codings is not null)
        {
            WriteField(ref cursor, HeaderNames.TransferEncoding, codings, headers);
        }
    }

    private static void WriteContentLength(ref ByteCursor cursor, long? length)
    {
        if (length is { } value)
        {
            cursor.Write("Content-Length: "u8);
            cursor.Write(value);
            cursor.Write("\r\n"u8);
        }
    }

    private static byte[][] BuildStatusLines()
    {
        var lines = new byte[600][];
        for (int status = 0; status < lines.Length; status++)
        {
            string line = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}\r\n");
            lines[status] = Encoding.ASCII.GetBytes(line);
        }

        return lines;
    }
}
