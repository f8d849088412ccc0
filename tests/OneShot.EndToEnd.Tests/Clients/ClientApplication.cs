using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.EndToEnd.Tests.Clients;

/// <summary>What the clients talk to: small endpoints, each for one way of using HTTP/1.1.</summary>
internal sealed class ClientApplication
{
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a request to <c>/endless</c> or <c>/swallow</c> has seen its client go away.</summary>
    internal Task Aborted => _aborted.Task;

    internal void Map(WebApplication app)
    {
        app.Map("/hello", () => "hello");
        app.Map("/describe", DescribeAsync);
        app.MapPost("/hash", HashAsync);
        app.MapPost("/echo", context => context.Request.Body.CopyToAsync(context.Response.Body));
        app.MapPost("/ignore", () => "ignored");
        app.MapPost("/refuse", () => Results.StatusCode(StatusCodes.Status401Unauthorized));
        app.MapPost("/trailers", TrailersAsync);
        app.MapGet("/bytes/{length:int}", BytesAsync);
        app.MapGet("/endless", EndlessAsync);
        app.MapPost("/swallow", SwallowAsync);
        app.Map("/upgrade", UpgradeAsync);
    }

    /// <summary>The body of <c>/bytes/{length}</c>.</summary>
    internal static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The one answer whose length is known, which HTTP/1.0 needs to keep a connection.</summary>
    private static Task DescribeAsync(HttpContext context)
    {
        string text = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Protocol} "
            + $"{context.Request.Scheme} {context.Request.Host} {context.Request.Headers["X-Probe"]}";
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes).AsTask();
    }

    private static async Task HashAsync(HttpContext context)
    {
        byte[] hash = await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted);
        await context.Response.WriteAsync(Convert.ToHexString(hash));
    }

    private static async Task TrailersAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        string body = await reader.ReadToEndAsync();
        await context.Response.WriteAsync($"{body}|{context.Request.GetTrailer("X-Sum")}|{context.Request.GetDeclaredTrailers()}");
    }

    private static async Task BytesAsync(HttpContext context, int length)
    {
        byte[] bytes = Bytes(length);
        for (int sent = 0; sent < length; sent += 100_000)
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(sent, Math.Min(100_000, length - sent)));
            await context.Response.Body.FlushAsync();
        }
    }

    private async Task EndlessAsync(HttpContext context)
    {
        try
        {
            while (true)
            {
                await context.Response.Body.WriteAsync(new byte[50_000], context.RequestAborted);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            _aborted.SetResult();
        }
    }

    private async Task SwallowAsync(HttpContext context)
    {
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
        }
        catch (IOException)
        {
            // The body ended early; the token tells the same a moment sooner or later.
            await using CancellationTokenRegistration registration = context.RequestAborted.Register(_aborted.SetResult);
            await _aborted.Task;
        }
    }

    private static async Task UpgradeAsync(HttpContext context)
    {
        IHttpUpgradeFeature upgrade = context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
        if (!upgrade.IsUpgradableRequest)
        {
            await context.Response.WriteAsync("not upgraded");
            return;
        }

        context.Response.Headers.Upgrade = context.Request.Headers.Upgrade;
        await using Stream stream = await upgrade.UpgradeAsync();
        await stream.WriteAsync("raw bytes"u8.ToArray());
    }
}
