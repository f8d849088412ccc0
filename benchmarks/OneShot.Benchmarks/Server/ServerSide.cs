using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Hosting;
using OneShot.Testing;

namespace OneShot.Benchmarks.Server;

/// <summary>
/// One of the sides that take turns: the same application on stock Kestrel or on the front, over a transport without sockets whose both
/// ends run on one thread, so that what is timed is the server and nothing else.
/// </summary>
internal sealed class ServerSide : IAsyncDisposable
{
    private static readonly byte[] s_answer = "ok"u8.ToArray();

    private readonly WebApplication _app;
    private readonly InMemoryTransport _transport = new();

    private ServerSide(ServerKind kind, Action<OneShotOptions> configure, Action<ILoggingBuilder>? log = null, RequestDelegate? application = null)
    {
        Kind = kind;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.ListenLocalhost(5000, endpoint =>
        {
            if (kind == ServerKind.Bare)
            {
                endpoint.Run(BareServer.AnswerAsync);
            }
        }));
        builder.Services.RemoveAll<IConnectionListenerFactory>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(_transport);
        builder.Services.AddRoutingCore();
        if (log is not null)
        {
            builder.Services.AddLogging(log);
        }

        if (kind == ServerKind.Front)
        {
            builder.Services.AddOneShotArena(configure);
            builder.WebHost.UseOneShotHttp1();
        }

        _app = builder.Build();
        if (application is not null)
        {
            _app.Run(application);
            return;
        }

        _app.Use(next => context => context.Request.Path.Value switch
        {
            "/api" => next(context),
            "/post" => ReadToEndAsync(context),
            _ => kind == ServerKind.Front ? AnswerFromSpans(context) : AnswerFromStrings(context),
        });
        _app.UseRouting();
        _app.MapGet("/api", (HttpContext context) => AnswerFromStrings(context));
#pragma warning disable ASP0014 // routing stands where it stands on purpose: behind the branch above
        _app.UseEndpoints(_ => { });
#pragma warning restore ASP0014
    }

    internal ServerKind Kind { get; }

    internal static Task<ServerSide> StartAsync(ServerKind kind) => StartAsync(kind, static options => options.Capacity = 64 << 20);

    /// <summary>A server that logs.</summary>
    internal static Task<ServerSide> StartAsync(ServerKind kind, Action<ILoggingBuilder> log) => StartAsync(new ServerSide(kind, static options => options.Capacity = 64 << 20, log));

    /// <summary>A server of one's own application.</summary>
    internal static Task<ServerSide> StartAsync(ServerKind kind, RequestDelegate application) => StartAsync(new ServerSide(kind, static options => options.Capacity = 64 << 20, application: application));

    /// <summary>A server with an arena of one's own choice.</summary>
    internal static Task<ServerSide> StartAsync(ServerKind kind, Action<OneShotOptions> configure) => StartAsync(new ServerSide(kind, configure));

    private static async Task<ServerSide> StartAsync(ServerSide side)
    {
        await side._app.StartAsync();
        return side;
    }

    /// <summary>Bytes of the process arena in use, 0 where there is none.</summary>
    internal long ArenaUsed => _app.Services.GetService<ProcessArena>()?.Used ?? 0;

    internal (PipeReader Input, PipeWriter Output) Connect()
    {
        (_, PipeReader input, PipeWriter output) = _transport.Open();
        return (input, output);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static Task AnswerFromSpans(HttpContext context)
    {
        var spans = context.HeaderSpans;
        return Answer(context, spans["host"u8].Length + spans["user-agent"u8].Length + spans["x-request-id"u8].Length + spans["cookie"u8].Length);
    }

    private static Task AnswerFromStrings(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        return Answer(context, Length(headers.Host) + Length(headers.UserAgent) + Length(headers["X-Request-Id"]) + Length(headers.Cookie));
    }

    private static int Length(Microsoft.Extensions.Primitives.StringValues values) => values.Count > 0 ? values[0]!.Length : 0;

    private static Task Answer(HttpContext context, int length)
    {
        context.Response.StatusCode = length > 0 ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        context.Response.ContentLength = s_answer.Length;
        PipeWriter body = context.Response.BodyWriter;
        s_answer.CopyTo(body.GetSpan(s_answer.Length));
        body.Advance(s_answer.Length);
        return Task.CompletedTask;
    }

    private static async Task ReadToEndAsync(HttpContext context)
    {
        PipeReader body = context.Request.BodyReader;
        long length = 0;
        ReadResult read;
        do
        {
            read = await body.ReadAsync();
            length += read.Buffer.Length;
            body.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);
        await Answer(context, (int)length);
    }
}
