namespace HeaderServer.Endpoints;

/// <summary><c>GET /plaintext</c>: the least a server can answer, so that a load test measures the server.</summary>
internal static class PlaintextEndpoint
{
    private static ReadOnlySpan<byte> Text => "Hello, World!"u8;

    public static Task Write(HttpContext context)
    {
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = Text.Length;
        PlainText.Append(context.Response.BodyWriter, Text);
        return Task.CompletedTask;
    }
}
