using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Headers;

/// <summary>
/// Header values to strings: ASCII, else strict UTF-8, else whatever <see cref="KestrelServerOptions.RequestHeaderEncodingSelector"/> says.
/// </summary>
/// <remarks>Thread-safe; one serves all connections.</remarks>
internal sealed class HeaderDecoder
{
    /// <summary>Strict UTF-8 for every header.</summary>
    public static readonly HeaderDecoder Default = new(null);

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Func<string, Encoding?>? _selector;

    /// <param name="selector">The server's selector. Its default, and null, mean UTF-8 without a call for each header.</param>
    public HeaderDecoder(Func<string, Encoding?>? selector)
        => _selector = selector == new KestrelServerOptions().RequestHeaderEncodingSelector ? null : selector;

    /// <summary>Whether every value is UTF-8, whatever its name.</summary>
    public bool IsDefault => _selector is null;

    /// <summary>Whether every value can be made a string. Called once a request, before the application sees it.</summary>
    public RequestRejection Check(HeaderTable table)
    {
        if (_selector is null && !table.HasNonAscii)
        {
            return RequestRejection.None;
        }

        return CheckLines(table.Entries, table.Head);
    }

    /// <summary>Whether the values of these lines can be made strings.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="head">The bytes in which their offsets count.</param>
    public RequestRejection CheckLines(ReadOnlySpan<HeaderEntry> lines, ReadOnlySpan<byte> head)
    {
        foreach (ref readonly HeaderEntry line in lines)
        {
            if (!CanDecode(line, head))
            {
                return RequestRejection.UndecodableValue;
            }
        }

        return RequestRejection.None;
    }

    /// <summary>The value of a line as a string.</summary>
    /// <exception cref="DecoderFallbackException">The value is not valid in its encoding; <see cref="Check"/> rules that out.</exception>
    public string Decode(in HeaderTable.Lines lines, int index)
        => EncodingOf(lines.EntryAt(index), lines.Head).GetString(lines.ValueAt(index));

    /// <summary>Whether the value of a line is that string; where an encoding has several forms of it, this is not known, and the answer no.</summary>
    public bool IsDecoded(in HeaderTable.Lines lines, int index, string text)
    {
        ReadOnlySpan<byte> value = lines.ValueAt(index);
        if (_selector is null && !lines.EntryAt(index).HasNonAscii)
        {
            return Ascii.Equals(value, text);
        }

        byte[]? encoded = null;
        try
        {
            Encoding encoding = EncodingOf(lines.EntryAt(index), lines.Head);
            int length = encoding.GetByteCount(text);
            if (length != value.Length)
            {
                return false;
            }

            encoded = ArrayPool<byte>.Shared.Rent(length);
            return value.SequenceEqual(encoded.AsSpan(0, encoding.GetBytes(text, encoded)));
        }
        catch (EncoderFallbackException)
        {
            return false; // of another request, whose encoding was another one
        }
        finally
        {
            if (encoded is not null)
            {
                ArrayPool<byte>.Shared.Return(encoded);
            }
        }
    }

    /// <summary>Whether a line's value can be made a string.</summary>
    /// <param name="entry">The line.</param>
    /// <param name="head">The bytes in which its offsets count.</param>
    public bool CanDecode(in HeaderEntry entry, ReadOnlySpan<byte> head)
    {
        if (_selector is null && !entry.HasNonAscii)
        {
            return true;
        }

        ReadOnlySpan<byte> value = head.Slice(entry.ValueOffset, entry.ValueLength);
        Encoding encoding = EncodingOf(entry, head);
        if (encoding == Encoding.Latin1)
        {
            return true;
        }

        if (encoding == s_strictUtf8)
        {
            return Utf8.IsValid(value);
        }

        try
        {
            // Bytes that are harmless as ASCII may not be so in another encoding (UTF-7, UTF-16).
            return encoding.GetString(value).AsSpan().IndexOfAny('\r', '\n', '\0') < 0;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private Encoding EncodingOf(in HeaderEntry entry, ReadOnlySpan<byte> head)
    {
        if (_selector is null)
        {
            // Latin-1 widens bytes, which is all that ASCII needs.
            return entry.HasNonAscii ? s_strictUtf8 : Encoding.Latin1;
        }

        string name = entry.Known != KnownHeader.Unknown
            ? KnownHeaders.NameOf(entry.Known)
            : Encoding.ASCII.GetString(head.Slice(entry.NameOffset, entry.NameLength));
        Encoding? encoding = _selector(name);
        return encoding ?? s_strictUtf8;
    }
}
