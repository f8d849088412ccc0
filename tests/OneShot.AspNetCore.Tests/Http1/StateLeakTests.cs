using System.Buffers;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>A request does everything to its context that can be done; the next on the connection looks, and sees none of it.</summary>
public sealed class StateLeakTests
{
    private const string Look = "GET /look?q=1 HTTP/1.1\r\nHost: a\r\nX-Own: look\r\n\r\n";

    private static readonly AsyncLocal<string?> s_local = new();

    private static readonly Dictionary<string, (string Request, Func<HttpContext, Task> Leave)> s_leavers = new()
    {
        ["values"] = (Post("Content-Length: 3", "abc"), ChangeEveryValueAsync),
        ["features"] = (Post("Content-Length: 3", "abc"), ReplaceEveryFeatureAsync),
        ["features gone"] = (Post("Content-Length: 3", "abc"), RemoveEveryFeatureAsync),
        ["limits"] = (Post("Content-Length: 3", "abc"), ChangeEveryLimitAsync),
        ["headers"] = (Post("Content-Length: 3", "abc"), ChangeEveryHeaderAsync),
        ["bodies"] = (Post("Content-Length: 3", "abc"), WrapTheBodiesAsync),
        ["chunks and trailers"] = (Post("Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\nX-Own: trailer\r\n\r\n"), context => context.Request.Body.CopyToAsync(Stream.Null)),
        ["unread chunks"] = (Post("Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\nX-Own: trailer\r\n\r\n"), _ => Task.CompletedTask),
        ["half a body"] = (Post("Content-Length: 3", "abc"), async context => await context.Request.Body.ReadExactlyAsync(new byte[1])),
        ["a read not advanced"] = (Post("Content-Length: 3", "abc"), async context => await context.Request.BodyReader.ReadAsync()),
        ["a reader completed"] = (Post("Content-Length: 3", "abc"), async context => await context.Request.BodyReader.CompleteAsync()),
        ["a cancelled read"] = (Post("Content-Length: 3", "abc"), context =>
        {
            context.Request.BodyReader.CancelPendingRead();
            return Task.CompletedTask;
        }
        ),
        ["an expectation"] = (Post("Expect: 100-continue\r\nContent-Length: 3", "abc"), context => context.Request.Body.CopyToAsync(Stream.Null)),
        ["the arena"] = (Post("Content-Length: 3", "abc"), UseTheArenaAsync),
        ["an exception"] = (Post("Content-Length: 3", "abc"), context =>
        {
            context.Response.Headers["X-Own"] = "1";
            context.Response.OnStarting(() => throw new InvalidOperationException("must not run"));
            throw new InvalidOperationException("left behind");
        }
        ),
        ["an exception in OnStarting"] = (Post("Content-Length: 3", "abc"), context =>
        {
            context.Response.OnStarting(() => throw new InvalidOperationException("left behind"));
            return Task.CompletedTask;
        }
        ),
        ["bytes before the head"] = (Post("Content-Length: 3", "abc"), context =>
        {
            context.Response.BodyWriter.Write("early"u8);
            context.Response.BodyWriter.GetMemory(1000);
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        }
        ),
        ["no body"] = (Post("Content-Length: 3", "abc"), context =>
        {
            context.Response.StatusCode = 304;
            return Task.CompletedTask;
        }
        ),
        ["a complete response"] = (Post("Content-Length: 3", "abc"), async context =>
        {
            await context.Response.WriteAsync("x");
            await context.Response.CompleteAsync();
        }
        ),
    };

    private int _completed;

    public static TheoryData<string> Leavers => [.. s_leavers.Keys];

    [Theory]
    [MemberData(nameof(Leavers))]
    public async Task What_one_request_leaves_the_next_does_not_find(string what)
    {
        (string request, Func<HttpContext, Task> leave) = s_leavers[what];
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            if (context.Request.Path == "/look")
            {
                await context.Response.WriteAsync(Describe(context));
                return;
            }

            s_local.Value = "left behind";
            context.Response.OnCompleted(() =>
            {
                Interlocked.Increment(ref _completed);
                return Task.CompletedTask;
            });
            await leave(context);
        });
        await using InMemoryConnection client = server.Connect();
        RawResponse before = await client.RoundTripAsync(Look);

        for (int i = 1; i <= 2; i++)
        {
            await client.SendAsync(request);
            while ((await client.ReadResponseAsync()).Status == 100)
            {
            }

            RawResponse after = await client.RoundTripAsync(Look);

            Assert.Equal(before.Text, after.Text);
            Assert.Equal(before.Status, after.Status);
            Assert.Equal(before.Fields.Where(field => field.Key != "Date"), after.Fields.Where(field => field.Key != "Date"));
            Assert.Equal(i, Volatile.Read(ref _completed));
        }
    }

    private static string Post(string fields, string body) => $"POST /leave HTTP/1.1\r\nHost: b\r\nX-Own: leave\r\nX-Other: 1\r\n{fields}\r\n\r\n{body}";

    /// <summary>Everything a request can see of itself, but its own number.</summary>
    private static string Describe(HttpContext context)
    {
        IFeatureCollection features = context.Features;
        var text = new StringBuilder();
        void Say(object? value, [CallerArgumentExpression(nameof(value))] string what = "") => text.Append(what).Append(" = ").Append(value).Append('\n');

        var request = features.GetRequiredFeature<IHttpRequestFeature>();
        Say(s_local.Value);
        Say(string.Join(",", features.Select(feature => feature.Key.Name).Order(StringComparer.Ordinal)));
        Say($"{request.Method} {request.Scheme} {request.PathBase} {request.Path} {request.QueryString} {request.RawTarget} {request.Protocol}");
        Say(string.Join(",", context.Request.Headers.Select(field => $"{field.Key}: {field.Value}")));
        Say(Encoding.ASCII.GetString(context.HeaderSpans["x-own"u8]));
        Say(context.HeaderSpans.Count);
        Say(request.Body.GetType());
        Say(context.Request.BodyReader.GetType());
        Say(context.Request.Query.Count);
        Say(context.Request.RouteValues.Count);
        Say(context.Request.ContentLength);
        Say(features.Get<IHttpRequestBodyDetectionFeature>()!.CanHaveBody);
        Say(features.Get<IHttpRequestTrailersFeature>()!.Trailers.Count);
        Say(features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize);
        Say(features.Get<IHttpMaxRequestBodySizeFeature>()!.IsReadOnly);
        Say(features.Get<IHttpBodyControlFeature>()!.AllowSynchronousIO);
        Say(features.Get<IHttpMinRequestBodyDataRateFeature>()!.MinDataRate);
        Say(features.Get<IHttpMinResponseDataRateFeature>()!.MinDataRate);
        Say(features.Get<IHttpUpgradeFeature>()!.IsUpgradableRequest);
        Say(features.Get<IBadRequestExceptionFeature>()!.Error);
        Say($"{context.Connection.RemoteIpAddress} {context.Connection.RemotePort} {context.Connection.LocalIpAddress} {context.Connection.LocalPort}");
        Say(context.TraceIdentifier.StartsWith("MEM", StringComparison.Ordinal));
        Say(context.User.Identity?.Name);
        Say(context.Items.Count);
        Say(context.GetEndpoint());
        Say(context.RequestAborted.IsCancellationRequested);
        Say($"{context.Response.StatusCode} {features.Get<IHttpResponseFeature>()!.ReasonPhrase} {context.Response.HasStarted}");
        Say(string.Join(",", context.Response.Headers.Select(field => field.Key)));
        Say(context.Response.Body.GetType());
        Say(context.Response.BodyWriter.UnflushedBytes);
        Say(context.Arena.Allocate<byte>(8000).IndexOfAnyExcept((byte)0));
        Say(context.Arena.Owner);
        return text.ToString();
    }

    private static Task ChangeEveryValueAsync(HttpContext context)
    {
        var request = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        (request.Method, request.Scheme, request.PathBase, request.Path, request.QueryString, request.RawTarget, request.Protocol) =
            ("LEFT", "left", "/left", "/left", "?left=1", "/left", "LEFT/1");
        context.Request.RouteValues["left"] = "behind";
        context.Items["left"] = "behind";
        context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "left")], "test"));
        context.SetEndpoint(new Endpoint(null, null, "left"));
        context.TraceIdentifier = "left";
        (context.Connection.RemoteIpAddress, context.Connection.RemotePort) = (IPAddress.IPv6Loopback, 1);
        (context.Connection.LocalIpAddress, context.Connection.LocalPort) = (IPAddress.IPv6Loopback, 2);
        context.Connection.Id = "left";
        context.RequestAborted = new CancellationToken(canceled: true);
        context.Response.StatusCode = 418;
        context.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = "Left behind";
        context.Response.Headers["X-Own"] = "left";
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private static Task ReplaceEveryFeatureAsync(HttpContext context)
    {
        IFeatureCollection features = context.Features;
        features.Set<IHttpRequestFeature>(new HttpRequestFeature { Path = "/left" });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature { StatusCode = 418 });
        features.Set<IItemsFeature>(new ItemsFeature { Items = { ["left"] = 1 } });
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { RemotePort = 1 });
        features.Set<IHttpRequestIdentifierFeature>(new HttpRequestIdentifierFeature { TraceIdentifier = "left" });
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = new CancellationToken(true) });
        features.Set<IRouteValuesFeature>(new RouteValuesFeature { RouteValues = { ["left"] = 1 } });
        features.Set<IQueryFeature>(new QueryFeature(new QueryCollection(new Dictionary<string, Microsoft.Extensions.Primitives.StringValues> { ["a"] = "1", ["b"] = "2" })));
        features.Set(new StateLeakTests());
        return Task.CompletedTask;
    }

    private static Task RemoveEveryFeatureAsync(HttpContext context)
    {
        // All but the two that the host itself asks for at the end, whatever the server.
        foreach (Type feature in context.Features.Select(feature => feature.Key).ToList())
        {
            if (feature.IsInterface && feature != typeof(IHttpRequestFeature) && feature != typeof(IHttpResponseFeature))
            {
                context.Features[feature] = null;
            }
        }

        return Task.CompletedTask;
    }

    private static Task ChangeEveryLimitAsync(HttpContext context)
    {
        IFeatureCollection features = context.Features;
        features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = 17;
        features.Get<IHttpMinRequestBodyDataRateFeature>()!.MinDataRate = new MinDataRate(1, TimeSpan.FromSeconds(17));
        features.Get<IHttpMinResponseDataRateFeature>()!.MinDataRate = null;
        features.Get<IHttpBodyControlFeature>()!.AllowSynchronousIO = true;
        features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        return Task.CompletedTask;
    }

    private static Task ChangeEveryHeaderAsync(HttpContext context)
    {
        _ = context.Request.Headers["X-Own"];
        context.Request.Headers.Clear();
        context.Request.Headers["X-Own"] = "left";
        context.Request.Headers["X-More"] = "left";
        context.Request.ContentType = "left/behind";
        foreach (string name in new[] { "Server", "Date", "Connection", "Alt-Svc", "X-Own", "Set-Cookie" })
        {
            context.Response.Headers[name] = name == "Connection" ? "keep-alive" : "left";
        }

        return Task.CompletedTask;
    }

    private static async Task WrapTheBodiesAsync(HttpContext context)
    {
        context.Request.Body = new MemoryStream("replaced"u8.ToArray());
        await context.Request.BodyReader.ReadAtLeastAsync(8);
        Stream own = context.Response.Body;
        context.Response.Body = new MemoryStream();
        await context.Response.WriteAsync("captured");
        await own.WriteAsync("own"u8.ToArray());
    }

    private static Task UseTheArenaAsync(HttpContext context)
    {
        context.Arena.Allocate<byte>(8000).Fill(1);
        context.Features.Get<IRequestArenaFeature>()!.ReleaseArena();
        context.Arena.Allocate<byte>(8000).Fill(1);
        return Task.CompletedTask;
    }
}
