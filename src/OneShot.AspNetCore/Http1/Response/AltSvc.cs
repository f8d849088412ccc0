using System.Globalization;
using System.Net;
using System.Text;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>The line that tells clients of an endpoint where it serves HTTP/3 as well (RFC 7838 section 3), as Kestrel's own.</summary>
internal sealed class AltSvc(bool isOffered)
{
    private Line? _last;

    /// <summary>The whole line for connections to this address; empty when there is nothing to offer.</summary>
    internal byte[] LineFor(EndPoint? local)
    {
        if (!isOffered || local is not IPEndPoint { Port: var port })
        {
            return [];
        }

        // An endpoint has one port, as a rule, so the last line made serves all its connections.
        Line? line = Volatile.Read(ref _last);
        if (line is null || line.Port != port)
        {
            line = new Line(port, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Alt-Svc: h3=\":{port}\"; ma=86400\r\n")));
            Volatile.Write(ref _last, line);
        }

        return line.Bytes;
    }

    private sealed record Line(int Port, byte[] Bytes);
}
