using System.Globalization;
using System.Text.Json;

namespace OneShot.AspNetCore.Tests.Sample;

/// <summary>
/// The heap budget on the runtime itself: the sample as a process of its own under each kind of garbage collector. A cell of the
/// table in docs/heap-budget.md is a row here.
/// </summary>
public class HeapBudgetTests
{
    private const int Requests = 400;
    private const int Garbage = 100_000;

    private static readonly Uri s_plaintext = new("/plaintext", UriKind.Relative);
    private static readonly Uri s_stats = new("/stats", UriKind.Relative);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("workstation, concurrent", "DOTNET_gcServer=0 DOTNET_gcConcurrent=1")]
    [InlineData("workstation, not concurrent", "DOTNET_gcServer=0 DOTNET_gcConcurrent=0")]
    [InlineData("server, as many heaps as it needs", "DOTNET_gcServer=1")]
    [InlineData("server, not concurrent", "DOTNET_gcServer=1 DOTNET_gcConcurrent=0")]
    [InlineData("server, a heap a core", "DOTNET_gcServer=1 DOTNET_GCDynamicAdaptationMode=0")]
    [InlineData("workstation, a limit that holds it", "DOTNET_gcServer=0 DOTNET_GCHeapHardLimit=20000000")] // 512 MiB
    [InlineData("server, a heap a core, a limit that holds it", "DOTNET_gcServer=1 DOTNET_GCDynamicAdaptationMode=0 DOTNET_GCHeapHardLimit=20000000")]
    public async Task Nothing_is_collected_while_the_budget_lasts(string collector, string environment)
    {
        await using SampleProcess sample = await StartAsync(environment);
        using HttpClient client = new() { BaseAddress = Assert.Single(sample.Addresses) };
        JsonElement before = await EnteredAsync(client);
        Assert.True(State(before) == "Active", $"{collector}: {before}");

        await AllocateAsync(client);
        JsonElement after = await StatsAsync(client);

        string report = $"{collector}: {before}\n{after}";
        Assert.True(State(after) == "Active", report);
        Assert.Equal(1, Heap(after, "entries"));
        Assert.True(Heap(after, "used") > Requests * Garbage, report);
        // The runtime counts its notice as a collection, which it is not: at three quarters, so not yet here.
        Assert.True(before.GetProperty("gc").ToString() == after.GetProperty("gc").ToString(), report);
    }

    [Theory]
    [InlineData("workstation, a limit below it", "DOTNET_gcServer=0 DOTNET_GCHeapHardLimit=8000000")] // 128 MiB
    [InlineData("server, a limit below it", "DOTNET_gcServer=1 DOTNET_GCHeapHardLimit=8000000")]
    public async Task A_budget_that_the_heap_cannot_hold_is_refused_and_the_process_serves_as_ever(string collector, string environment)
    {
        await using SampleProcess sample = await StartAsync(environment);
        using HttpClient client = new() { BaseAddress = Assert.Single(sample.Addresses) };

        await AllocateAsync(client);
        JsonElement stats = await StatsAsync(client);

        Assert.True(State(stats) == "Refused", $"{collector}: {stats}");
        Assert.Equal("Normal", stats.GetProperty("restartPhase").GetString());
        Assert.Equal(0, Heap(stats, "used"));
    }

    [Theory]
    [InlineData("workstation", "DOTNET_gcServer=0")]
    [InlineData("server", "DOTNET_gcServer=1")]
    [InlineData("server, a heap a core", "DOTNET_gcServer=1 DOTNET_GCDynamicAdaptationMode=0")]
    public async Task The_memory_of_the_budget_is_there_before_it_is_used(string collector, string environment)
    {
        Assert.SkipUnless(OneShot.Memory.MemoryRegion.CanPopulate, "This kernel has no MADV_POPULATE_WRITE.");
        await using SampleProcess with = await StartAsync(environment);
        await using SampleProcess without = await StartAsync(environment, "--OneShot:Heap:PopulateAtStart=false");
        foreach (SampleProcess sample in new[] { with, without })
        {
            using HttpClient client = new() { BaseAddress = Assert.Single(sample.Addresses) };
            JsonElement stats = await EnteredAsync(client);
            Assert.True(State(stats) == "Active", $"{collector}: {stats}");
        }

        Assert.True(with.ResidentBytes > 288L << 20, $"{collector}: {with.ResidentBytes} bytes are resident.");
        Assert.True(without.ResidentBytes < 200L << 20, $"{collector}: {without.ResidentBytes} bytes are resident without.");
    }

    [Fact]
    public async Task A_process_that_is_not_restarted_collects_again_when_its_budget_is_spent()
    {
        await using SampleProcess sample = await StartAsync("DOTNET_gcServer=0", "--OneShot:Heap:Budget=32MiB", "--OneShot:Restart:DrainDelay=00:10:00", "--OneShot:Restart:MinLife=00:00:00");
        using HttpClient client = new() { BaseAddress = Assert.Single(sample.Addresses) };

        JsonElement stats;
        do
        {
            await AllocateAsync(client);
            stats = await StatsAsync(client);
        }
        while (State(stats) is "Populating" or "Active" && !Cancel.IsCancellationRequested);

        Assert.Equal("Spent", State(stats));
        Assert.Equal(1, Heap(stats, "exhaustions"));
        Assert.Equal(32 << 20, Heap(stats, "used"));
        Assert.Equal("Due", stats.GetProperty("restartPhase").GetString());
        Assert.True(stats.GetProperty("gc").GetProperty("gen0").GetInt32() > 1);
    }

    private static Task<SampleProcess> StartAsync(string environment, params string[] more) => SampleProcess.StartAsync(
        [
            "--urls", "http://127.0.0.1:0", "--OneShot:Heap:Budget=256MiB", "--OneShot:MemoryCheck=Off",
            string.Create(CultureInfo.InvariantCulture, $"--OneShot:Garbage={Garbage}"), .. more,
        ],
        [.. environment.Split(' ').Select(pair => (pair.Split('=')[0], pair.Split('=')[1]))]);

    private static async Task AllocateAsync(HttpClient client)
    {
        for (int i = 0; i < Requests; i++)
        {
            Assert.Equal("Hello, World!", await client.GetStringAsync(s_plaintext, Cancel));
        }
    }

    /// <summary>The server listens before the host has started, which is when the budget begins.</summary>
    private static async Task<JsonElement> EnteredAsync(HttpClient client)
    {
        JsonElement stats;
        do
        {
            stats = await StatsAsync(client);
        }
        while (State(stats) is "Pending" or "Populating" && !Cancel.IsCancellationRequested);

        return stats;
    }

    private static async Task<JsonElement> StatsAsync(HttpClient client) =>
        JsonDocument.Parse(await client.GetStringAsync(s_stats, Cancel)).RootElement;

    private static string? State(JsonElement stats) => stats.GetProperty("heap").GetProperty("state").GetString();

    private static long Heap(JsonElement stats, string name) => stats.GetProperty("heap").GetProperty(name).GetInt64();
}
