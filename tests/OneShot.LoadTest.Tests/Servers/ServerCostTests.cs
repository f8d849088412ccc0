using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Tests.Servers;

public class ServerCostTests
{
    [Fact]
    public void It_is_the_difference_of_two_readings_by_request()
    {
        ServerStats start = new("Sockets", new ArenaStats(1_000_000, 1_000), 10, 5_000, 2_000, new GcStats(1, 1, 1));
        ServerStats end = new("Sockets", new ArenaStats(1_000_000, 61_000), 110, 25_000, 5_000, new GcStats(4, 2, 1));

        Assert.Equal(new ServerCost(30, new MemoryCost(200, 600, new GcStats(3, 1, 0), ArenaFull: false)), ServerCost.Between(start, end));
    }

    [Fact]
    public void An_arena_at_its_end_is_told()
    {
        ServerStats start = new("Sockets", new ArenaStats(1_000_000, 1_000), 10, 5_000, 2_000, new GcStats(1, 1, 1));

        Assert.True(ServerCost.Between(start, start with { ProcessArena = new ArenaStats(1_000_000, 1_000_000) }).Memory!.ArenaFull);
    }

    [Fact]
    public void What_stats_say_besides_is_left_alone()
    {
        ServerStats stats = ServerStats.Parse("""
            {"front":"OneShot","transport":"OneShot","reclamation":"Never","processArena":{"capacity":8,"used":4,"utilization":0.5},"requests":3,
             "managedBytesAllocated":5,"cpuMicroseconds":6,"gc":{"gen0":1,"gen1":2,"gen2":3},"restartPhase":"Normal","timeToFullSeconds":null}
            """);

        Assert.Equal(new ServerStats("OneShot", new ArenaStats(8, 4), 3, 5, 6, new GcStats(1, 2, 3)), stats);
    }

    [Theory]
    [InlineData("Hello, World!")]
    [InlineData("{}")]
    [InlineData("null")]
    public void Another_servers_stats_are_refused(string text) =>
        Assert.StartsWith("The server's /stats is not that of a HeaderServer", Assert.Throws<LoadTestException>(() => ServerStats.Parse(text)).Message, StringComparison.Ordinal);
}
