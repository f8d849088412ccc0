using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Rewrite;

namespace OneShot.EndToEnd.Tests.Frameworks;

/// <summary>The middleware of the framework that works on the features of a request: each sets, wraps or replaces some.</summary>
public sealed class MiddlewareTests
{
    public static TheoryData<ServerKind> Servers => ServerKinds.Fronts;

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Forwarded_headers_change_scheme_host_and_address(ServerKind kind) => new Scenario(
        app =>
        {
            app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All });
            app.MapGet("/", (HttpContext context) => Results.Text(
                $"{context.Request.Scheme} {context.Request.Host} {context.Request.PathBase} {context.Connection.RemoteIpAddress} "
                + $"{context.Request.Headers["X-Original-For"].Count} {context.Request.Headers["X-Forwarded-For"]}"));
        },
        async client =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/")
            {
                Headers =
                {
                    { "X-Forwarded-For", "192.0.2.1, 192.0.2.7" },
                    { "X-Forwarded-Proto", "https" },
                    { "X-Forwarded-Host", "example.org" },
                    { "X-Forwarded-Prefix", "/base" },
                },
            };
            using HttpResponseMessage response = await client.SendAsync(request);
            Assert.Equal("https example.org /base 192.0.2.7 1 192.0.2.1", await response.Content.ReadAsStringAsync());
            await client.GetStringAsync("/"); // and nothing of it is left
        }).CompareAsync(kind);

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Http_logging_sees_the_same_request_and_response(ServerKind kind)
    {
        var log = new MessageLog("Microsoft.AspNetCore.HttpLogging");
        return new Scenario(
            app =>
            {
                log.Clear();
                app.UseHttpLogging();
                app.MapPost("/logged", async context =>
                {
                    using var reader = new StreamReader(context.Request.Body);
                    context.Response.ContentType = "text/plain";
                    await context.Response.WriteAsync($"got {await reader.ReadToEndAsync()}");
                });
                app.MapGet("/log", () => Results.Text(log.ToString()));
            },
            async client =>
            {
                await client.PostAsync("/logged?a=b", new StringContent("a body"));
                string text = await client.GetStringAsync("/log");
                Assert.Contains("a body", text, StringComparison.Ordinal);
                Assert.Contains("got a body", text, StringComparison.Ordinal);
            })
        {
            Services = builder =>
            {
                builder.Logging.AddProvider(log);
                builder.Services.AddHttpLogging(options => options.LoggingFields = HttpLoggingFields.All & ~HttpLoggingFields.Duration);
            },
        }.CompareAsync(kind);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Rate_limits_and_timeouts_end_requests(ServerKind kind) => new Scenario(
        app =>
        {
            app.UseRateLimiter();
            app.UseRequestTimeouts();
            app.MapGet("/limited", () => "in time").RequireRateLimiting("two");
            app.MapGet("/late", async (CancellationToken aborted) =>
            {
                await Task.Delay(Timeout.Infinite, aborted);
                return "never";
            }).WithRequestTimeout(TimeSpan.FromMilliseconds(20));
        },
        async client =>
        {
            for (int i = 0; i < 3; i++)
            {
                using HttpResponseMessage limited = await client.GetAsync("/limited");
                Assert.Equal(i < 2 ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests, limited.StatusCode);
            }

            using HttpResponseMessage late = await client.GetAsync("/late");
            Assert.Equal(HttpStatusCode.GatewayTimeout, late.StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/next")).StatusCode);
        })
    {
        Services = builder =>
        {
            builder.Services.AddRequestTimeouts();
            builder.Services.AddRateLimiter(options =>
            {
                options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
                options.AddFixedWindowLimiter("two", window =>
                {
                    window.PermitLimit = 2;
                    window.Window = TimeSpan.FromHours(1);
                    window.QueueProcessingOrder = QueueProcessingOrder.OldestFirst;
                });
            });
        },
    }.CompareAsync(kind);

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Size_limits_of_endpoints_hold(ServerKind kind) => new Scenario(
        app =>
        {
            app.MapPost("/small", async context => await context.Request.Body.CopyToAsync(context.Response.Body))
                .WithMetadata(new RequestSizeLimitAttribute(1000));
            app.MapPost("/unlimited", async context => await context.Request.Body.CopyToAsync(Stream.Null))
                .WithMetadata(new DisableRequestSizeLimitAttribute());
        },
        async client =>
        {
            foreach ((string path, int length, bool chunked, HttpStatusCode status) in new[]
            {
                ("/small", 1000, false, HttpStatusCode.OK),
                ("/small", 900, true, HttpStatusCode.OK), // the limit counts the framing of chunks, too
                ("/small", 1000, true, HttpStatusCode.RequestEntityTooLarge),
                ("/small", 1001, false, HttpStatusCode.RequestEntityTooLarge),
                ("/unlimited", 31_000_000, false, HttpStatusCode.OK),
                ("/unlimited", 31_000_000, true, HttpStatusCode.OK),
            })
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(new byte[length]) };
                request.Headers.TransferEncodingChunked = chunked;
                using HttpResponseMessage response = await client.SendAsync(request);
                Assert.True(status == response.StatusCode, $"{path} {length} {chunked} {response.StatusCode}");
            }
        }).CompareAsync(kind);

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Errors_become_pages_and_paths_are_rewritten(ServerKind kind) => new Scenario(
        app =>
        {
            app.UseStatusCodePages("text/plain", "status {0}");
            app.UseExceptionHandler(error => error.Run(context =>
                context.Response.WriteAsync($"caught {context.Features.Get<IExceptionHandlerFeature>()!.Error.Message} at {context.Request.Path}")));
            app.UseRewriter(new RewriteOptions().AddRewrite("^old/(.*)", "new/$1?from=old", skipRemainingRules: true).AddRedirect("^gone$", "new/home"));
            app.UseCors(policy => policy.WithOrigins("https://example.org").AllowAnyHeader().AllowCredentials());
            app.UseRouting();
            app.MapGet("/new/{page}", (string page, string? from) => $"{page} from {from}");
            app.MapGet("/throw", (Func<string>)(() => throw new InvalidOperationException("a fault")));
            app.MapGet("/late-throw", async context =>
            {
                context.Response.Headers["X-Lost"] = "1";
                await context.Response.BodyWriter.WriteAsync("part"u8.ToArray());
                throw new InvalidOperationException("too late");
            });
        },
        async client =>
        {
            Assert.Equal("page from old", await client.GetStringAsync("/old/page"));
            Assert.Equal("caught a fault at /throw", await (await client.GetAsync("/throw")).Content.ReadAsStringAsync());
            Assert.Equal("status 404", await (await client.GetAsync("/nowhere")).Content.ReadAsStringAsync());
            Assert.Equal(HttpStatusCode.Found, (await client.GetAsync("/gone")).StatusCode);
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/late-throw"));
            using var preflight = new HttpRequestMessage(HttpMethod.Options, "/new/page")
            {
                Headers = { { "Origin", "https://example.org" }, { "Access-Control-Request-Method", "GET" }, { "Access-Control-Request-Headers", "x-a" } },
            };
            Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync(preflight)).StatusCode);
        })
    {
        Services = builder => builder.Services.AddCors(),
    }.CompareAsync(kind);

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Whoever_looks_at_the_fields_after_the_start_sees_those_of_the_server(ServerKind kind) => new Scenario(
        app =>
        {
            var fields = new List<string>();
            app.Use(async (context, next) =>
            {
                await next(context);
                fields.AddRange(context.Response.Headers
                    .Select(field => $"{field.Key}: {(field.Key == "Date" ? $"{field.Value.ToString().Length}" : field.Value)}")
                    .Order(StringComparer.Ordinal));
                fields.Add($"{context.Response.Headers.Count} {context.Response.Headers.TransferEncoding} {context.Response.Headers.ContainsKey("Server")}");
            });
            app.MapGet("/chunked", context => context.Response.WriteAsync("text"));
            app.MapGet("/length", async context =>
            {
                context.Response.ContentLength = 4;
                await context.Response.WriteAsync("text");
            });
            app.MapGet("/own", async context =>
            {
                context.Response.Headers.Server = "own";
                context.Response.Headers.Date = DateTimeOffset.UnixEpoch.ToString("R");
                context.Response.Headers.Connection = "close";
                await context.Response.WriteAsync("text");
            });
            app.MapGet("/unstarted", () => { });
            app.MapGet("/seen", () => Results.Text(string.Join('\n', fields)));
        },
        async client =>
        {
            foreach (string path in new[] { "/chunked", "/length", "/own", "/unstarted" })
            {
                await client.GetStringAsync(path);
            }

            Assert.Contains("Transfer-Encoding: chunked", await client.GetStringAsync("/seen"), StringComparison.Ordinal);
        }).CompareAsync(kind);
}
