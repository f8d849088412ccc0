using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>
/// How a response will be framed and whether the connection outlives it: decided once, from what the application has set,
/// when the head goes out (RFC 9112 sections 6.3 and 9.3).
/// </summary>
/// <remarks>
/// Head and body are both written by it, not by the fields: a thread of the application's that changes those at this moment would have the head say one
/// thing and the body be another, and the client take the rest of this body for the next answer.
/// </remarks>
/// <param name="Status">What the head begins with.</param>
/// <param name="Framing">How the body is written.</param>
/// <param name="ContentLength">Written, where it is not null.</param>
/// <param name="TransferEncoding">The application's own, written where it is not null; never beside a length (RFC 9112 section 6.2).</param>
/// <param name="KeepAlive">The connection outlives it.</param>
/// <param name="Connection">Written, where the application has not set its own.</param>
internal readonly record struct ResponsePlan(
    int Status, ResponseBodyFraming Framing, long? ContentLength, string? TransferEncoding, bool KeepAlive, ConnectionField Connection)
{
    /// <summary>Of an answer that the server makes by itself: no body, and the connection ends.</summary>
    internal static ResponsePlan Refusal(int status) => new(status, ResponseBodyFraming.Length, ContentLength: 0, TransferEncoding: null, KeepAlive: false, ConnectionField.Close);

    /// <summary>Reads each field once, and changes none.</summary>
    /// <exception cref="InvalidOperationException">The application has set a framing field that the status forbids.</exception>
    internal static ResponsePlan Make(
        int status, bool isHead, bool isConnect, bool statusAllowsBody, bool isHttp10, bool keepAlive, bool nothingWritten, ResponseHeaderDictionary headers)
    {
        ResponseFields present = headers.Present;
        long? length = headers.ContentLength;
        string? coding = (present & ResponseFields.TransferEncoding) != 0 && headers[HeaderNames.TransferEncoding] is { Count: > 0 } codings ? codings.ToString() : null;
        if (!statusAllowsBody)
        {
            length = AllowedLength(status, isConnect, length, coding);
        }

        keepAlive &= (present & ResponseFields.Connection) == 0 || HasToken(headers[HeaderNames.Connection], "keep-alive");
        if (!statusAllowsBody && status is not (204 or 205 or 304))
        {
            keepAlive = false; // 1xx: what the client sends next is no request
        }

        if (isConnect)
        {
            // Behind a 2xx comes the tunnel. A client that did not wait for the answer has sent what was meant for it, and where
            // there is no tunnel, that must not be read as requests (RFC 9931 section 8).
            keepAlive = false;
        }

        if (coding is not null)
        {
            length = null; // never both (RFC 9112 section 6.2)
            keepAlive &= EndsInChunked(coding); // else only the end of the connection tells the client where the body ends
        }

        ResponseBodyFraming framing;
        if (status == StatusCodes.Status101SwitchingProtocols)
        {
            framing = ResponseBodyFraming.UntilClose; // what follows the head is no longer HTTP
            keepAlive = false;
        }
        else if (isHead || !statusAllowsBody)
        {
            framing = ResponseBodyFraming.None;
            if (status == StatusCodes.Status205ResetContent && !isHead && !isConnect)
            {
                length ??= 0; // the one bodyless status whose end a client looks for (RFC 9110 section 15.3.6)
            }
        }
        else if (coding is not null)
        {
            framing = ResponseBodyFraming.UntilClose; // the application frames by itself
        }
        else if (length is not null)
        {
            framing = ResponseBodyFraming.Length;
        }
        else if (nothingWritten)
        {
            framing = ResponseBodyFraming.Length;
            length = 0;
        }
        else if (isHttp10)
        {
            framing = ResponseBodyFraming.UntilClose;
            keepAlive = false;
        }
        else
        {
            framing = ResponseBodyFraming.Chunked;
        }

        ConnectionField connection = !keepAlive ? ConnectionField.Close
            : isHttp10 ? ConnectionField.KeepAlive
            : ConnectionField.None;
        return new ResponsePlan(status, framing, length, coding, keepAlive, connection);
    }

    /// <summary>The length that may stand in the head of a response without a body.</summary>
    private static long? AllowedLength(int status, bool isConnect, long? length, string? coding)
    {
        if (coding is not null)
        {
            throw Forbidden(HeaderNames.TransferEncoding, status);
        }

        if (status == StatusCodes.Status304NotModified || length is null)
        {
            return length; // a 304 may say what length the representation has (RFC 9110 section 8.6)
        }

        if (length != 0)
        {
            throw Forbidden(HeaderNames.ContentLength, status);
        }

        return status == StatusCodes.Status205ResetContent && !isConnect ? 0 : null; // a 205 may say that there is none; no 2xx to CONNECT has a length (RFC 9110 section 9.3.6)
    }

    private static InvalidOperationException Forbidden(string field, int status) =>
        new($"Setting the header {field} is not allowed on responses with status code {status}.");

    private static bool EndsInChunked(string codings) => LastToken(codings).Equals("chunked", StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> LastToken(ReadOnlySpan<char> list) => list[(list.LastIndexOf(',') + 1)..].Trim();

    private static bool HasToken(StringValues values, string token)
    {
        foreach (string? value in values)
        {
            ReadOnlySpan<char> list = value;
            foreach (Range range in list.Split(','))
            {
                if (list[range].Trim().Equals(token, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
