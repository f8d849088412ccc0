using System.Text;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// What the head says about everything behind it: where the body ends and whether the connection lives on (RFC 9112 6.3, 9.3).
/// Where two hops could read a head differently, there is no reading: it is refused.
/// </summary>
internal struct RequestFraming
{
    /// <summary>How the body ends.</summary>
    public RequestBodyKind Body;

    /// <summary>What Content-Length says, or -1 when it is not there.</summary>
    public long ContentLength;

    /// <summary>Whether the connection may serve another request.</summary>
    public bool KeepAlive;

    /// <summary>Whether the client waits for <c>100 Continue</c> before it sends the body.</summary>
    public bool ExpectContinue;

    /// <summary>Whether the client speaks HTTP/1.1, offers to upgrade the connection and sends no body.</summary>
    public bool ConnectionUpgrade;

    /// <summary>Whether there is a Content-Length that does not count, because a transfer coding stands beside it.</summary>
    public bool HasVoidLength;

    /// <summary>Applies all rules of framing, Host, Connection and Expect. The table must be committed.</summary>
    /// <returns><see cref="RequestRejection.None"/>, or why the request is refused.</returns>
    public static RequestRejection TryDetermine(in RequestLine line, HeaderTable table, out RequestFraming framing, Tolerated tolerated = Tolerated.None)
    {
        framing = new RequestFraming { ContentLength = -1, KeepAlive = line.Version == HttpVersion.Http11 };

        RequestRejection rejection = CheckHost(line, table, tolerated);
        if (rejection == RequestRejection.None && table.Contains(KnownHeader.ContentLength))
        {
            rejection = framing.ReadContentLength(table);
        }

        if (rejection == RequestRejection.None && table.Contains(KnownHeader.TransferEncoding))
        {
            rejection = framing.ReadTransferEncoding(line, table, tolerated);
        }

        if (rejection == RequestRejection.None
            && line.Version == HttpVersion.Http10
            && framing.ContentLength < 0
            && line.Method is HttpMethodId.Post or HttpMethodId.Put)
        {
            // Nothing but the end of the connection could end such a body, and a request cannot end that way.
            rejection = RequestRejection.LengthRequiredOnHttp10;
        }

        if (rejection == RequestRejection.None && table.Contains(KnownHeader.Connection))
        {
            framing.ReadConnection(line, table);
        }

        framing.KeepAlive &= !framing.HasVoidLength; // RFC 9112 6.1: whoever takes such a request MUST close after the answer

        if (rejection == RequestRejection.None && table.Contains(KnownHeader.Expect))
        {
            rejection = framing.ReadExpect(line, table);
        }

        return rejection;
    }

    /// <summary>What a field line is refused for, by itself or beside those before it, whatever comes behind it.</summary>
    /// <param name="line">The request line.</param>
    /// <param name="lines">The lines up to this one.</param>
    /// <param name="value">The value of this one.</param>
    /// <param name="tolerated">What is accepted beyond the rules.</param>
    public static RequestRejection CheckLine(in RequestLine line, ReadOnlySpan<HeaderEntry> lines, ReadOnlySpan<byte> value, Tolerated tolerated)
    {
        bool allowsBoth = (tolerated & Tolerated.LengthBesideCoding) != 0;
        ReadOnlySpan<HeaderEntry> before = lines[..^1];
        switch (lines[^1].Known)
        {
            case KnownHeader.Host:
                return Contains(before, KnownHeader.Host) ? RequestRejection.MultipleHosts
                    : HostSyntax.IsValid(value) || (value.IsEmpty && (tolerated & Tolerated.EmptyHost) != 0) ? RequestRejection.None
                    : RequestRejection.InvalidHost;
            case KnownHeader.ContentLength:
                return Contains(before, KnownHeader.ContentLength) ? RequestRejection.MultipleContentLengths
                    : !TryParseLength(value, out _) ? RequestRejection.InvalidContentLength
                    : !allowsBoth && Contains(before, KnownHeader.TransferEncoding) ? RequestRejection.ContentLengthWithTransferEncoding
                    : RequestRejection.None;
            case KnownHeader.TransferEncoding:
                return line.Version == HttpVersion.Http10 ? RequestRejection.TransferEncodingOnHttp10
                    : !allowsBoth && Contains(before, KnownHeader.ContentLength) ? RequestRejection.ContentLengthWithTransferEncoding
                    : RequestRejection.None;
            default:
                return RequestRejection.None;
        }
    }

    private static bool Contains(ReadOnlySpan<HeaderEntry> lines, KnownHeader known)
    {
        foreach (ref readonly HeaderEntry entry in lines)
        {
            if (entry.Known == known)
            {
                return true;
            }
        }

        return false;
    }

    private static RequestRejection CheckHost(in RequestLine line, HeaderTable table, Tolerated tolerated)
    {
        int index = table.IndexOf(KnownHeader.Host);
        if (index < 0)
        {
            return line.Version == HttpVersion.Http11 ? RequestRejection.MissingHost : RequestRejection.None;
        }

        if (table.IsRepeated(KnownHeader.Host))
        {
            return RequestRejection.MultipleHosts;
        }

        ReadOnlySpan<byte> host = table.ValueAt(index);
        if (HostSyntax.IsValid(host))
        {
            return RequestRejection.None;
        }

        // A target that names a host differs from one that is empty.
        return host.IsEmpty && (tolerated & Tolerated.EmptyHost) != 0 && line.TargetOf(table.Head)[0] is ((byte)'/' or (byte)'*')
            ? RequestRejection.None
            : RequestRejection.InvalidHost;
    }

    private RequestRejection ReadContentLength(HeaderTable table)
    {
        if (table.IsRepeated(KnownHeader.ContentLength))
        {
            return RequestRejection.MultipleContentLengths;
        }

        if (!TryParseLength(table.ValueAt(table.IndexOf(KnownHeader.ContentLength)), out ContentLength))
        {
            return RequestRejection.InvalidContentLength;
        }

        Body = ContentLength > 0 ? RequestBodyKind.ContentLength : RequestBodyKind.None;
        return RequestRejection.None;
    }

    /// <summary>Digits only: no sign, no whitespace, no list, no overflow (RFC 9110 8.6).</summary>
    private static bool TryParseLength(ReadOnlySpan<byte> digits, out long length)
    {
        length = 0;
        foreach (byte digit in digits)
        {
            uint value = (uint)(digit - '0');
            if (value > 9 || length > (long.MaxValue - value) / 10)
            {
                return false;
            }

            length = (length * 10) + value;
        }

        return !digits.IsEmpty;
    }

    private RequestRejection ReadTransferEncoding(in RequestLine line, HeaderTable table, Tolerated tolerated)
    {
        if (line.Version == HttpVersion.Http10)
        {
            return RequestRejection.TransferEncodingOnHttp10;
        }

        bool hasLength = table.Contains(KnownHeader.ContentLength);
        if (hasLength && ((tolerated & Tolerated.LengthBesideCoding) == 0 || table.IndexOf("X-Content-Length"u8) >= 0)) // under which it would be shown
        {
            return RequestRejection.ContentLengthWithTransferEncoding;
        }

        RequestRejection rejection = TransferCodings.Check(table);
        if (rejection == RequestRejection.None)
        {
            Body = RequestBodyKind.Chunked;
            ContentLength = -1;
            HasVoidLength = hasLength;
        }

        return rejection;
    }

    private void ReadConnection(in RequestLine line, HeaderTable table)
    {
        bool close = false;
        bool keepAlive = false;
        bool upgrade = false;
        for (int i = table.IndexOf(KnownHeader.Connection); i >= 0; i = table.NextWithSameName(i))
        {
            ReadOnlySpan<byte> rest = table.ValueAt(i);
            bool more = true;
            while (FieldSyntax.TryReadListElement(ref rest, ref more, out ReadOnlySpan<byte> option))
            {
                close |= Ascii.EqualsIgnoreCase(option, "close"u8);
                keepAlive |= Ascii.EqualsIgnoreCase(option, "keep-alive"u8);
                upgrade |= Ascii.EqualsIgnoreCase(option, "upgrade"u8);
            }
        }

        KeepAlive = (KeepAlive || keepAlive) && !close;

        // An upgrade behind a body would have to wait for the body's end; as on Kestrel, the offer is ignored then. That of a
        // client of 1.0 must be ignored: it may come from a proxy that hands on what it does not understand (RFC 9110 7.8).
        ConnectionUpgrade = upgrade && Body == RequestBodyKind.None && line.Version == HttpVersion.Http11;
    }

    private RequestRejection ReadExpect(in RequestLine line, HeaderTable table)
    {
        for (int i = table.IndexOf(KnownHeader.Expect); i >= 0; i = table.NextWithSameName(i))
        {
            ReadOnlySpan<byte> rest = table.ValueAt(i);
            bool more = true;
            while (FieldSyntax.TryReadListElement(ref rest, ref more, out ReadOnlySpan<byte> expectation))
            {
                if (Ascii.EqualsIgnoreCase(expectation, "100-continue"u8))
                {
                    // On 1.0 it must be ignored; without a body there is nothing to wait for (RFC 9110 10.1.1).
                    ExpectContinue = line.Version == HttpVersion.Http11 && Body != RequestBodyKind.None;
                }
                else if (!expectation.IsEmpty)
                {
                    return RequestRejection.UnknownExpectation;
                }
            }
        }

        return RequestRejection.None;
    }
}
