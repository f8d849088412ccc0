using System.Net;
using System.Net.Sockets;
using OneShot.LoadTest.Processes;

namespace OneShot.LoadTest.Tests.Processes;

public class PortsTests
{
    [Fact]
    public void No_port_is_given_to_two()
    {
        int[] ports = [.. ParallelEnumerable.Range(0, 50).WithDegreeOfParallelism(8).SelectMany(_ => Ports.Free(20))];

        Assert.Equal(1000, ports.Distinct().Count());
        Assert.All(ports, port => Assert.True(Ports.IsFree(port)));
    }

    [Fact]
    public void A_port_that_is_listened_on_is_not_free()
    {
        using TcpListener listener = new(IPAddress.Loopback, Ports.Free(1)[0]);
        listener.Start();

        Assert.False(Ports.IsFree(((IPEndPoint)listener.LocalEndpoint).Port));
    }
}
