using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Playwright;
using OneShot.EndToEnd.Tests.Browser;

namespace OneShot.EndToEnd.Tests.Sample;

/// <summary>The sample's page, in a browser that keeps to the page's own policy.</summary>
public sealed class PageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Curve = "#fill-chart .curve";

    [Theory]
    [InlineData("OneShot")]
    [InlineData("Kestrel")]
    public async Task The_page_shows_the_arena_fill_up(string front)
    {
        // Small blocks: what the connections' idle arenas hold is not used, and must leave 99 % to be.
        await using SampleServer server = await SampleServer.StartAsync(
            $"--OneShot:Front={front}", "--OneShot:Capacity=8MiB", "--OneShot:BlockSize=4KiB", "--OneShot:Reclamation=Never",
            "--OneShot:Restart:Jitter=0", "--OneShot:Restart:DrainDelay=01:00:00", "--OneShot:Restart:MinLife=00:00:00");
        IPage page = await chromium.OpenAsync();
        var complaints = new ConcurrentQueue<string>();
        page.Console += (_, message) => complaints.Enqueue(message.Text);
        page.PageError += (_, error) => complaints.Enqueue(error);
        page.RequestFailed += (_, request) => complaints.Enqueue($"{request.Url}: {request.Failure}");
        page.Response += (_, response) =>
        {
            if (!response.Ok)
            {
                complaints.Enqueue($"{response.Url}: {response.Status}");
            }
        };

        await page.GotoAsync(server.Address.ToString(), new PageGotoOptions { WaitUntil = WaitUntilState.DOMContentLoaded });
        await Assertions.Expect(page.Locator("#phase")).ToHaveTextAsync("Normal");
        await page.Locator(Curve).WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        double before = await FillAsync(page);
        int requests = await RequestsAsync(page);
        int points = await PointsAsync(page);

        Fill(server, 0.8);
        await Assertions.Expect(page.Locator("#phase")).ToHaveTextAsync("Warning");
        Assert.True(await FillAsync(page) > before);

        Fill(server, 0.9);
        await Assertions.Expect(page.Locator("#phase")).ToHaveTextAsync("Draining");
        await Assertions.Expect(page.Locator("#phase-means")).ToContainTextAsync("Not ready");

        using var client = new HttpClient { BaseAddress = server.Address };
        await client.GetAsync(new Uri("/plaintext", UriKind.Relative), TestContext.Current.CancellationToken);
        Fill(server, 0.99);
        await Assertions.Expect(page.Locator("#phase")).ToHaveTextAsync("Due");
        await Assertions.Expect(page.Locator("body")).ToHaveAttributeAsync("data-phase", "Due");

        Assert.True(await RequestsAsync(page) > requests);
        Assert.True(await PointsAsync(page) > points);
        Assert.True(await page.EvaluateAsync<double>("document.querySelector('#fill-chart .curve').getBBox().height") > 0);
        Assert.True(await FillAsync(page) >= 99);
        Assert.Contains("Due", await page.Locator("#fill-chart").GetAttributeAsync("aria-label"), StringComparison.Ordinal);
        Assert.Empty(complaints);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_button_sends_requests_until_it_is_pressed_again()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        IPage page = await chromium.OpenAsync();
        await page.GotoAsync(server.Address.ToString(), new PageGotoOptions { WaitUntil = WaitUntilState.DOMContentLoaded });
        await page.Locator(Curve).WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });

        await page.Locator("#load").ClickAsync();
        await Assertions.Expect(page.Locator("#load")).ToHaveAttributeAsync("aria-pressed", "true");
        int before = await RequestsAsync(page);
        await page.WaitForFunctionAsync("before => Number(document.querySelector('#requests').textContent.replaceAll(',', '')) > before + 100", before);

        await page.Locator("#load").ClickAsync();
        await Assertions.Expect(page.Locator("#load")).ToHaveTextAsync("Send requests");
        await Assertions.Expect(page.Locator("#rate")).ToHaveTextAsync("0");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_restart_is_seen_as_a_new_curve()
    {
        IPage page = await chromium.OpenAsync();
        Uri address;
        await using (SampleServer server = await SampleServer.StartAsync("--urls", $"http://127.0.0.1:{FreePort.Next()}"))
        {
            address = server.Address; // one that no other test's connection takes until the successor listens
            await page.GotoAsync(address.ToString(), new PageGotoOptions { WaitUntil = WaitUntilState.DOMContentLoaded });
            await page.Locator(Curve).WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
            await server.StopAsync();
        }

        await Assertions.Expect(page.Locator("#process")).ToContainTextAsync("no connection");
        await using SampleServer successor = await SampleServer.StartAsync("--urls", address.ToString());

        await Assertions.Expect(page.Locator(Curve)).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("#fill-chart .restart")).ToHaveCountAsync(1);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Where_a_balancer_answers_in_place_of_the_server_the_page_asks_again()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        IPage page = await chromium.OpenAsync();
        int asked = 0;
        await page.RouteAsync("**/events", route => Interlocked.Increment(ref asked) == 1
            ? route.FulfillAsync(new RouteFulfillOptions { Status = 503 })
            : route.ContinueAsync());

        await page.GotoAsync(server.Address.ToString(), new PageGotoOptions { WaitUntil = WaitUntilState.DOMContentLoaded });

        await Assertions.Expect(page.Locator("#phase")).ToHaveTextAsync("Normal");
        Assert.Equal(2, asked);
        await page.Context.CloseAsync();
    }

    private static void Fill(SampleServer server, double share)
    {
        ProcessArena arena = server.Services.GetRequiredService<ProcessArena>();
        arena.Allocate((int)((share * arena.Capacity) - arena.Used));
    }

    private static async Task<double> FillAsync(IPage page) =>
        double.Parse((await page.Locator("#gauge").GetAttributeAsync("aria-valuenow"))!, CultureInfo.InvariantCulture);

    private static async Task<int> RequestsAsync(IPage page) =>
        int.Parse(await page.Locator("#requests").InnerTextAsync(), NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    private static async Task<int> PointsAsync(IPage page) =>
        (await page.Locator(Curve).GetAttributeAsync("points"))!.Split(' ').Length;
}
