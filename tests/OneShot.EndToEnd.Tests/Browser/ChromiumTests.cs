using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace OneShot.EndToEnd.Tests.Browser;

/// <summary>A browser: many connections at once, and every feature of HTTP/1.1 that pages are made of.</summary>
public sealed class ChromiumTests(Chromium chromium) : IClassFixture<Chromium>
{
    public static TheoryData<ServerKind> Servers => ServerKinds.All;

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_page_with_fifty_assets_loads_whole(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        IPage page = await chromium.OpenAsync();
        var answers = new ConcurrentDictionary<string, int>();
        var failures = new ConcurrentQueue<string>();
        page.Response += (_, response) => answers[response.Url] = response.Status;
        page.RequestFailed += (_, request) => failures.Enqueue($"{request.Url}: {request.Failure}");
        page.Console += (_, message) => failures.Enqueue(message.Text);

        for (int visit = 0; visit < 2; visit++)
        {
            await page.GotoAsync(server.Address.ToString());
            int[] scripts = await page.EvaluateAsync<int[]>("loaded");
            int[] widths = await page.EvaluateAsync<int[]>("[...document.images].map(image => image.naturalWidth)");
            int[] styles = await page.EvaluateAsync<int[]>(
                $"[...Array({BrowserApplication.Styles}).keys()].map(n => +getComputedStyle(document.documentElement).getPropertyValue('--style-' + (n + 1)))");

            Assert.Equal(Enumerable.Range(1, BrowserApplication.Scripts), scripts);
            Assert.Equal(Enumerable.Range(1, BrowserApplication.Images), widths);
            Assert.Equal(Enumerable.Range(1, BrowserApplication.Styles), styles);
        }

        Assert.Empty(failures);
        Assert.Equal(51, answers.Count(answer => answer.Value == 200));
        Assert.InRange(server.ConnectionsUsed, 1, 12); // six at a time, by the browser's own rule
        Assert.Empty(server.Log.Errors);
        await page.Context.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_WebSocket_says_everything_back_and_closes(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        IPage page = await chromium.OpenAsync();
        await page.GotoAsync(server.Address.ToString());

        string said = await page.EvaluateAsync<string>(
            """
            () => new Promise((resolve, reject) => {
              const socket = new WebSocket(`ws://${location.host}/socket`), bytes = new Uint8Array(1024 * 1024), parts = [];
              for (let i = 0; i < bytes.length; i++) bytes[i] = i * 31 >> 3;
              let missing = bytes.length;
              socket.binaryType = 'arraybuffer';
              socket.onerror = reject;
              socket.onopen = () => { socket.send('Grüße'); socket.send(bytes); };
              socket.onmessage = event => {
                if (typeof event.data === 'string') { parts.push(event.data); return; }
                const part = new Uint8Array(event.data), from = bytes.length - missing;
                if (!part.every((byte, i) => byte === bytes[from + i])) reject('other bytes');
                missing -= part.length;
                if (missing === 0) { parts.push('same bytes'); socket.close(1000, 'done'); }
              };
              socket.onclose = event => resolve([...parts, event.code, event.reason, event.wasClean].join());
            })
            """);

        Assert.Equal("Grüße,same bytes,1000,bye,true", said);
        await page.Context.CloseAsync();
        await Eventually.TrueAsync(() => server.Connections.Active == 0, () => $"{server.Connections.Active} connections are open");
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task An_EventSource_comes_back_for_the_next_event(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        IPage page = await chromium.OpenAsync();
        await page.GotoAsync(server.Address.ToString());

        string[] events = await page.EvaluateAsync<string[]>(
            """
            () => new Promise(resolve => {
              const source = new EventSource('/events'), seen = [];
              source.onmessage = event => {
                seen.push(`${event.lastEventId} ${event.data}`);
                if (seen.length === 5) { source.close(); resolve(seen); }
              };
            })
            """);

        Assert.Equal(Enumerable.Range(1, 5).Select(n => $"{n} event {n}"), events);
        await page.Context.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_form_is_sent_with_its_cookie_and_the_redirect_followed(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        IPage page = await chromium.OpenAsync();

        await page.GotoAsync($"{server.Address}form");
        await page.FillAsync("input[name=name]", "Grüße & more");
        await page.ClickAsync("#go");
        string? done = await page.Locator("#done").TextContentAsync();

        Assert.Equal("Grüße & more Ada Lovelace 1", done);
        await page.Context.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Fetch_reads_an_answer_while_it_is_written_and_sends_a_large_body(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        IPage page = await chromium.OpenAsync();
        await page.GotoAsync(server.Address.ToString());

        string text = await page.EvaluateAsync<string>(
            """
            async () => {
              const response = await fetch('/pieces'), reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
              let text = '', pieces = 0;
              for (;;) {
                const { value, done } = await reader.read();
                if (done) return text;
                text += value;
                for (; pieces < text.split(';').length - 1; pieces++) await fetch(`/next/${pieces}`, { method: 'POST' });
              }
            }
            """);
        string length = await page.EvaluateAsync<string>(
            "fetch('/length', { method: 'POST', body: new Blob([new Uint8Array(5000000)]) }).then(response => response.text())");

        Assert.Equal(string.Concat(Enumerable.Range(0, 10).Select(n => $"piece {n};")), text);
        Assert.Equal("5000000", length);
        await page.Context.CloseAsync();
    }

    private static Task<WebServer> StartAsync(ServerKind kind) => WebServer.StartAsync(kind, new BrowserApplication().Map);
}
