using System.Globalization;

namespace HeaderServer;

/// <summary>
/// <c>HeaderServer healthcheck [url]</c>: asks a running server how it is, for containers without a shell and without curl.
/// </summary>
internal static class HealthCheckVerb
{
    public const string Name = "healthcheck";
    private const string DefaultUrl = "http://127.0.0.1:8080/livez";

    // Whoever runs this has a patience of its own, which is the one to set; this is for a shell, and ends below Docker's 30 s.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <returns>The exit code: 0 for an answer of 2xx, 1 for any other and for none.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        if (arguments.Length > 1 || !Uri.TryCreate(arguments.Length == 1 ? arguments[0] : DefaultUrl, UriKind.Absolute, out Uri? url)
            || url.Scheme is not ("http" or "https"))
        {
            await error.WriteLineAsync($"Usage: HeaderServer {Name} [url]   (default: {DefaultUrl})");
            return 1;
        }

        // Docker puts the proxy of its own configuration into every container's environment: what it asks is this container, not the proxy.
        using HttpClient client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = s_patience };
        try
        {
            using HttpResponseMessage response = await client.GetAsync(url);
            string body = await response.Content.ReadAsStringAsync();
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode} {body}"));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (HttpRequestException exception)
        {
            await error.WriteLineAsync($"{url}: {exception.Message}");
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{url}: no answer within {s_patience.TotalSeconds} seconds."));
        }

        return 1;
    }
}
