using System.Text;

namespace OneShot.AspNetCore.Wire;

/// <summary>The rules for Transfer-Encoding: <c>chunked</c>, once, alone (RFC 9112 6.1, 7).</summary>
internal static class TransferCodings
{
    /// <summary>Reads all Transfer-Encoding lines as one list.</summary>
    /// <returns>
    /// None for exactly <c>chunked</c>; 501 for other codings with <c>chunked</c> at the end, which could be decoded by
    /// somebody; 400 for the rest, whose end nobody can know.
    /// </returns>
    public static RequestRejection Check(HeaderTable table)
    {
        bool others = false;
        bool chunked = false;
        for (int i = table.IndexOf(KnownHeader.TransferEncoding); i >= 0; i = table.NextWithSameName(i))
        {
            ReadOnlySpan<byte> rest = table.ValueAt(i);
            bool more = true;
            while (FieldSyntax.TryReadListElement(ref rest, ref more, out ReadOnlySpan<byte> coding))
            {
                int parameters = coding.IndexOf((byte)';');
                ReadOnlySpan<byte> name = parameters < 0 ? coding : FieldSyntax.TrimWhitespace(coding[..parameters]);
                if (!FieldSyntax.IsToken(name))
                {
                    // An empty element too: another hop may read ",chunked" as no coding at all.
                    return RequestRejection.InvalidTransferEncoding;
                }

                if (chunked)
                {
                    return RequestRejection.TransferEncodingNotChunked;
                }

                chunked = Ascii.EqualsIgnoreCase(name, "chunked"u8);
                if (chunked && parameters >= 0)
                {
                    return RequestRejection.InvalidTransferEncoding;
                }

                others |= !chunked;
            }
        }

        if (!chunked)
        {
            return RequestRejection.TransferEncodingNotChunked;
        }

        return others ? RequestRejection.UnsupportedTransferCoding : RequestRejection.None;
    }
}
