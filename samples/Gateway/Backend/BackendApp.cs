using System.Text.Json;

namespace Gateway.Backend;

/// <summary>
/// <c>Gateway backend</c>: a service for the gateway to stand before. It does as little as it can, on stock Kestrel, so that what is measured is the gateway.
/// </summary>
internal static class BackendApp
{
    public const string Verb = "backend";

    private const string UsualUrl = "http://127.0.0.1:9090";

    private static readonly byte[] s_order = JsonSerializer.SerializeToUtf8Bytes(Order.Example, JsonSerializerOptions.Web);

    public static WebApplication Create(string[] args)
    {
        // Empty: nothing of the gateway's settings is this one's.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = args });
        builder.Configuration.AddCommandLine(args);
        builder.Logging.AddConsole().AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseUrls(builder.Configuration["urls"] ?? UsualUrl);

        WebApplication app = builder.Build();
        app.MapGet("/api/orders/{id}", Write(s_order));
        app.MapGet("/open/status", Write("""{"status":"up"}"""u8.ToArray()));
        app.MapGet("/livez", Write("{}"u8.ToArray()));
        app.Map("/api/echo", WriteHeaders);
        return app;
    }

    private static RequestDelegate Write(byte[] json) => context =>
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        return context.Response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    };

    /// <summary>What has arrived of the client's head: an object, with a list of values for each name.</summary>
    private static Task WriteHeaders(HttpContext context) => context.Response.WriteAsJsonAsync(
        context.Request.Headers.ToDictionary(static field => field.Key, static field => field.Value.ToArray(), StringComparer.OrdinalIgnoreCase), context.RequestAborted);
}
