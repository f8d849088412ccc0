using System.Net;

namespace OneShot.Differential.Tests.Transport;

/// <summary>An address of the transport without sockets.</summary>
internal sealed class MemoryEndPoint(string name) : EndPoint
{
    public override string ToString() => name;
}
