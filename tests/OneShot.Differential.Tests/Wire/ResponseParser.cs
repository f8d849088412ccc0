using System.Globalization;
using System.Text;

namespace OneShot.Differential.Tests.Wire;

/// <summary>Reads what a server has sent over a connection, and forgives nothing.</summary>
internal sealed class ResponseParser(byte[] bytes)
{
    private int _position;

    internal bool IsAtEnd => _position == bytes.Length;

    /// <summary>Reads the next response.</summary>
    /// <param name="isHead">The request was a HEAD: no body follows, whatever the fields say.</param>
    internal WireResponse Read(bool isHead)
    {
        if (!TryReadLine(out string statusLine) || !TryReadFields(out List<(string Name, string Value)> fields))
        {
            return Broken("the head does not end");
        }

        if (statusLine.Length < 13 || !statusLine.StartsWith("HTTP/", StringComparison.Ordinal) || statusLine[8] != ' ' || statusLine[12] != ' '
            || !int.TryParse(statusLine.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status))
        {
            return Broken($"no status line: {statusLine}");
        }

        var response = new WireResponse { Protocol = statusLine[..8], Status = status, Reason = statusLine[13..], Fields = fields };
        ReadBody(response, isHead);
        return response;
    }

    private void ReadBody(WireResponse response, bool isHead)
    {
        if (response.Status == 101)
        {
            TakeRest(response);
        }
        else if (isHead || response.Status is 204 or 304 || response.IsInterim)
        {
            response.Framing = WireFraming.None;
        }
        else if (response.Values("transfer-encoding").LastOrDefault() is { } coding)
        {
            if (coding.EndsWith("chunked", StringComparison.OrdinalIgnoreCase))
            {
                ReadChunks(response);
            }
            else
            {
                TakeRest(response);
            }
        }
        else if (response.Values("content-length").FirstOrDefault() is { } length)
        {
            response.Framing = WireFraming.Length;
            int wanted = int.Parse(length, NumberStyles.None, CultureInfo.InvariantCulture);
            response.Body = Take(Math.Min(wanted, bytes.Length - _position));
            response.Fault = response.Body.Length < wanted ? "the body is too short" : "";
        }
        else
        {
            TakeRest(response);
        }
    }

    private void ReadChunks(WireResponse response)
    {
        response.Framing = WireFraming.Chunked;
        var body = new MemoryStream();
        while (true)
        {
            if (!TryReadLine(out string size) || !int.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int length)
                || _position + length + 2 > bytes.Length)
            {
                response.Fault = "the chunks do not end";
                body.Write(bytes, _position, bytes.Length - _position);
                _position = bytes.Length;
                break;
            }

            body.Write(bytes, _position, length);
            _position += length;
            if (!TryReadLine(out string end) || end.Length > 0)
            {
                response.Fault = "a chunk does not end";
                break;
            }

            if (length == 0)
            {
                break;
            }
        }

        response.Body = body.ToArray();
    }

    private void TakeRest(WireResponse response)
    {
        response.Framing = WireFraming.UntilClose;
        response.Body = Take(bytes.Length - _position);
    }

    private byte[] Take(int length)
    {
        byte[] taken = bytes.AsSpan(_position, length).ToArray();
        _position += length;
        return taken;
    }

    private bool TryReadFields(out List<(string Name, string Value)> fields)
    {
        fields = [];
        while (TryReadLine(out string line))
        {
            if (line.Length == 0)
            {
                return true;
            }

            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon <= 0 || line.AsSpan(0, colon).Contains(' '))
            {
                return false;
            }

#pragma warning disable CA1308 // field names are compared in lower case, as HTTP/2 writes them
            fields.Add((line[..colon].ToLowerInvariant(), line[(colon + 2)..]));
#pragma warning restore CA1308
        }

        return false;
    }

    private bool TryReadLine(out string line)
    {
        int length = bytes.AsSpan(_position).IndexOf("\r\n"u8);
        line = length < 0 ? "" : Encoding.Latin1.GetString(bytes, _position, length);
        _position += length < 0 ? 0 : length + 2;
        return length >= 0 && !line.AsSpan().ContainsAny('\r', '\n', '\0');
    }

    private WireResponse Broken(string fault)
    {
        string rest = Encoding.Latin1.GetString(bytes, _position, bytes.Length - _position);
        _position = bytes.Length;
        return new WireResponse { Protocol = "", Status = 0, Reason = "", Fields = [], Fault = $"{fault}: {rest}" };
    }
}
