using OneShot.LoadTest.Drill.Balancing;

namespace OneShot.LoadTest.Tests.Drill.Balancing;

public class BalancedServerTests
{
    private const string Csv = """
        # pxname,svname,stot,wretr,wredis,status,weight,
        http,FRONTEND,9,,,OPEN,,
        replicas,replica1,5,3,1,UP,1,
        replicas,replica2,4,0,0,UP 1/2,1,
        replicas,replica3,0,,0,DOWN,1,
        replicas,BACKEND,9,3,1,UP,3,
        last-resort,replica1,0,0,0,UP,1,
        last-resort,replica2,7,0,0,UP,1,
        last-resort,BACKEND,7,0,0,UP,3,
        figures,FRONTEND,2,,,OPEN,,
        """;

    [Fact]
    public void Servers_are_read_by_the_names_of_the_columns()
    {
        IReadOnlyList<BalancedServer> servers = BalancedServer.Parse(Csv);

        Assert.Equal([new("replica1", true, 3, 1, 0), new("replica2", true, 0, 0, 7), new("replica3", false, 0, 0, 0)], servers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("# pxname,svname\n")]
    public void Anything_else_is_refused(string text) =>
        Assert.StartsWith("HAProxy's statistics", Assert.Throws<LoadTestException>(() => BalancedServer.Parse(text)).Message, StringComparison.Ordinal);
}
