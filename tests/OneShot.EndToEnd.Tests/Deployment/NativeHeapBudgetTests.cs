using System.Globalization;
using System.Text.Json;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>The heap budget in the sample compiled ahead of time: the row of the table in docs/heap-budget.md that HeapBudgetTests does not run.</summary>
public sealed class NativeHeapBudgetTests
{
    private const int Requests = 400;
    private const int Garbage = 100_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Compiled_ahead_of_time_nothing_is_collected_while_the_budget_lasts()
    {
        string program = await NativeSample.ProgramAsync();
        int port = FreePort.Next();
        var address = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri;
        await using ChildProcess sample = await ChildProcess.ListeningAsync(
            program,
            ["--urls", address.ToString(), "--OneShot:Heap:Budget=256MiB", "--OneShot:MemoryCheck=Off", string.Create(CultureInfo.InvariantCulture, $"--OneShot:Garbage={Garbage}")],
            port);
        using var client = new HttpClient { BaseAddress = address };
        // The budget begins when the host has started, which is after the port answers.
        JsonElement before = default;
        await Eventually.TrueAsync(
            () => (before = StatsAsync(client).GetAwaiter().GetResult()).GetProperty("heap").GetProperty("state").GetString() is not ("Pending" or "Populating"),
            () => $"The budget has not begun: {before}");
        Assert.True(before.GetProperty("heap").GetProperty("state").GetString() == "Active", $"{before}");

        for (int i = 0; i < Requests; i++)
        {
            Assert.Equal("Hello, World!", await client.GetStringAsync(new Uri("/plaintext", UriKind.Relative), Cancel));
        }

        JsonElement after = await StatsAsync(client);
        string report = $"{before}\n{after}";
        JsonElement heap = after.GetProperty("heap");
        Assert.True(heap.GetProperty("state").GetString() == "Active", report);
        Assert.Equal(1, heap.GetProperty("entries").GetInt64());
        Assert.True(heap.GetProperty("used").GetInt64() > Requests * Garbage, report);
        Assert.True(before.GetProperty("gc").ToString() == after.GetProperty("gc").ToString(), report);
    }

    private static async Task<JsonElement> StatsAsync(HttpClient client)
    {
        using JsonDocument document = JsonDocument.Parse(await client.GetStringAsync(new Uri("/stats", UriKind.Relative), Cancel));
        return document.RootElement.Clone();
    }
}
