using System.Net;
using System.Text.RegularExpressions;

namespace OneShot.EndToEnd.Tests.Frameworks;

/// <summary>
/// One application and what a client does with it, played on stock Kestrel and on a front: what the client gets must be the
/// same to the last header. What it must be is asserted by the script, on both.
/// </summary>
internal sealed partial record Scenario(Action<WebApplication> Application, Func<HttpClient, Task> Script)
{
    /// <summary>What the application needs beside the server.</summary>
    internal Action<WebApplicationBuilder>? Services { get; init; }

    internal string? WebRoot { get; init; }

    /// <summary>Plays it with and without the line that puts the front in.</summary>
    internal async Task CompareAsync(ServerKind kind) =>
        Assert.Equal(await PlayAsync(ServerKind.Kestrel), await PlayAsync(kind));

    private async Task<string> PlayAsync(ServerKind kind)
    {
        await using WebServer server = await WebServer.StartAsync(kind, Application, Services, webRoot: WebRoot);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, CookieContainer = new CookieContainer() };
        using var transcript = new Transcript(handler);
        using var client = new HttpClient(transcript) { BaseAddress = server.Address, Timeout = Eventually.Patience };

        await Script(client);

        string text = $"{transcript}connections: {server.ConnectionsUsed}".Replace(server.Address.Authority, "{host}", StringComparison.Ordinal);
        return Identifiers().Replace(text, "{id}");
    }

    // Of connections and requests, and of traces.
    [GeneratedRegex("0H[A-Z0-9]{11}(:[0-9A-F]{8})?|00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]")]
    private static partial Regex Identifiers();
}
