using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Connections;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>What logs call a connection's request: the connection's id and a number that counts up, as on Kestrel. The string is made when it is asked for.</summary>
internal sealed class RequestIdentity(ConnectionContext transport)
{
    private uint _number;

    internal string ConnectionId => transport.ConnectionId;

    /// <summary>Of the present request; an application may set its own.</summary>
    [field: MaybeNull]
    internal string TraceIdentifier
    {
        get => field ??= string.Create(CultureInfo.InvariantCulture, $"{ConnectionId}:{_number:X8}");
        set;
    }

    /// <summary>The next request begins.</summary>
    internal void Next()
    {
        _number++;
        Forget();
    }

    /// <summary>The number stays; what an application has set does not.</summary>
    internal void Forget() => TraceIdentifier = null!;
}
