using HeaderServer.Stats;

namespace HeaderServer;

/// <summary>Tells a newcomer where to look once the server listens.</summary>
internal static class Welcome
{
    public static void Print(WebApplication app, TextWriter output)
    {
        foreach (string url in app.Urls)
        {
            output.WriteLine($"Listening on {url}");
        }

        ServerStats stats = app.Services.GetRequiredService<ServerStats>();
        output.WriteLine($"Front {stats.Front}, transport {stats.Transport}");

        // The endpoint of that name first: another one may speak HTTP/2 only.
        string? http = app.Configuration["Kestrel:Endpoints:Http:Url"];
        if ((app.Urls.FirstOrDefault(url => url == http) ?? app.Urls.FirstOrDefault()) is { } address)
        {
            output.WriteLine($"Look at {address}/");
            output.WriteLine($"Try: curl -H 'X-Probe: 42' {address}/headers   (also /headers/NAME, /plaintext, /stats, /metrics, /livez, /readyz, POST /echo)");
        }
    }
}
