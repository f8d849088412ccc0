using OneShot.AspNetCore.Hosting;

namespace OneShot.AspNetCore.Tests.Hosting;

public class UnknownKeysTests
{
    [Theory]
    [InlineData("Capcity", "did you mean Capacity")]
    [InlineData("Capacities", "did you mean Capacity")]
    [InlineData("Blocksizes", "did you mean BlockSize")]
    [InlineData("Reclaimation", "did you mean Reclamation")]
    [InlineData("Restarts:DrainAt", "did you mean Restart", "Restarts")]
    [InlineData("Restart:DrainsAt", "did you mean Restart:DrainAt")]
    [InlineData("Restart:MemoryLimit:Containers", "did you mean Restart:MemoryLimit:Container")]
    [InlineData("Heap:Limit", "there are Budget, LargeObjects, PopulateAtStart")]
    public void A_key_that_nothing_reads_is_told_with_the_nearest_one(string key, string hint, string? told = null) =>
        Assert.Equal([(told ?? key, hint)], Find(key));

    [Theory]
    [InlineData("Capacity")]
    [InlineData("capacity")]
    [InlineData("RESTART:drainAT")]
    [InlineData("Http1:AllowEmptyHost")]
    [InlineData("Restart:MemoryLimit:WarnAt")]
    [InlineData("Front")] // an application's own
    [InlineData("Metrics")]
    [InlineData("Garbage")]
    [InlineData("LiveObjects")]
    [InlineData("GcPauses")]
    [InlineData("Transport")]
    [InlineData("RestartLease")]
    [InlineData("Leak")]
    public void Others_are_not(string key) => Assert.Empty(Find(key));

    [Fact]
    public void Every_option_is_known()
    {
        Assert.Contains("Capacity", OneShotOptionsReader.Keys);
        Assert.Contains("Restart:MinLife", OneShotOptionsReader.Keys);
        Assert.Contains("Heap:Budget", OneShotOptionsReader.Keys);
        Assert.Equal(OneShotOptionsReader.Keys.Count, OneShotOptionsReader.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    private static IEnumerable<(string Key, string Hint)> Find(string key)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"OneShot:{key}", "1")]).Build();
        return UnknownKeys.Find(configuration.GetSection("OneShot"), OneShotOptionsReader.Keys);
    }
}
