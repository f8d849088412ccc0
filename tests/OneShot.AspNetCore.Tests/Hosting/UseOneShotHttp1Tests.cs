using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Tests.Hosting;

public class UseOneShotHttp1Tests
{
    private const string ServedByFront = "front";
    private const string ServedByKestrel = "kestrel";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_the_call_Kestrel_is_the_stock_one()
    {
        string[] answers = await AskAsync(builder => builder.WebHost.UseUrls("http://127.0.0.1:0"));

        Assert.Equal([ServedByKestrel], answers);
    }

    [Fact]
    public async Task The_web_host_form_covers_addresses()
    {
        string[] answers = await AskAsync(builder =>
        {
            builder.WebHost.UseOneShotHttp1();
            builder.WebHost.UseUrls("http://127.0.0.1:0", "http://127.0.0.1:0");
        });

        Assert.Equal([ServedByFront, ServedByFront], answers);
    }

    [Fact]
    public async Task The_web_host_form_covers_endpoints_from_configuration()
    {
        string[] answers = await AskAsync(builder =>
        {
            builder.WebHost.UseOneShotHttp1();
            builder.Configuration["Kestrel:Endpoints:A:Url"] = "http://127.0.0.1:0";
            builder.Configuration["Kestrel:Endpoints:B:Url"] = "http://127.0.0.1:0";
        });

        Assert.Equal([ServedByFront, ServedByFront], answers);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_web_host_form_covers_listen_calls_of_the_application_before_and_after(bool before)
    {
        string[] answers = await AskAsync(builder =>
        {
            if (!before)
            {
                builder.WebHost.UseOneShotHttp1();
            }

            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            if (before)
            {
                builder.WebHost.UseOneShotHttp1();
            }
        });

        Assert.Equal([ServedByFront], answers);
    }

    [Fact]
    public async Task The_endpoint_form_covers_that_endpoint_only()
    {
        string[] answers = await AskAsync(builder => builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseOneShotHttp1());
            kestrel.Listen(IPAddress.Loopback, 0);
        }));

        Assert.Equal([ServedByFront, ServedByKestrel], answers.Order());
    }

    [Fact]
    public async Task An_application_that_replaces_the_endpoint_defaults_keeps_them_and_is_told()
    {
        RecordingLog log = new();
        int called = 0;

        string[] answers = await AskAsync(
            builder =>
            {
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(_ => called++));
                builder.WebHost.UseOneShotHttp1();
                builder.WebHost.UseUrls("http://127.0.0.1:0");
            },
            log);

        Assert.Equal([ServedByKestrel], answers);
        Assert.Equal(1, called);
        string warning = Assert.Single(log.Warnings);
        Assert.Contains("UseOneShotHttp1() serves no endpoint", warning, StringComparison.Ordinal);
        Assert.Contains("Write listenOptions.UseOneShotHttp1() in that callback", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_that_writes_what_it_was_told_has_the_front()
    {
        RecordingLog log = new();

        string[] answers = await AskAsync(
            builder =>
            {
                builder.WebHost.UseOneShotHttp1();
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.UseOneShotHttp1()));
                builder.WebHost.UseUrls("http://127.0.0.1:0");
            },
            log);

        Assert.Equal([ServedByFront], answers);
        Assert.Empty(log.Warnings);
    }

    public static TheoryData<bool, bool, bool> Orders => new MatrixTheoryData<bool, bool, bool>([false, true], [false, true], [false, true]);

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Where_Kestrel_is_registered_again_behind_it_Kestrel_serves_and_the_start_warns(bool webHost, bool core, bool again)
    {
        RecordingLog log = new();

        string[] answers = await AskAsync(
            builder =>
            {
                if (webHost)
                {
                    builder.WebHost.UseOneShotHttp1();
                }

                if (core)
                {
                    builder.WebHost.UseKestrelCore();
                }
                else
                {
                    builder.WebHost.UseKestrel();
                }

                builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
                {
                    if (!webHost)
                    {
                        endpoint.UseOneShotHttp1();
                    }
                }));
                if (again)
                {
                    builder.WebHost.UseOneShotHttp1(); // what the warning says to do
                }
            },
            log);

        Assert.Equal([again ? ServedByFront : ServedByKestrel], answers);
        if (again)
        {
            Assert.Empty(log.Warnings);
        }
        else
        {
            Assert.Contains("Kestrel was registered again after it", Assert.Single(log.Warnings), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_server_around_Kestrel_puts_around_the_application_is_never_passed_by(bool before)
    {
        RecordingLog log = new();
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        if (before)
        {
            AroundKestrel.Register(builder.Services);
        }

        builder.Services.AddOneShotArena();
        builder.WebHost.UseOneShotHttp1();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (!before)
        {
            AroundKestrel.Register(builder.Services);
        }

        await using WebApplication app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync(Cancel);
        string[] answers = await AskAsync(app.Services);

        AroundKestrel around = Assert.IsType<AroundKestrel>(app.Services.GetRequiredService<IServer>());
        Assert.Equal(1, around.Requests);
        Assert.Equal([before ? ServedByKestrel : ServedByFront], answers);
        Assert.Equal(before ? 1 : 0, log.Warnings.Count(warning => warning.Contains("AroundKestrel was registered around Kestrel before it", StringComparison.Ordinal)));
        Assert.Equal(before ? 1 : 0, log.Warnings.Count());
    }

    [Fact]
    public void A_server_that_is_not_Kestrel_stays_what_it_is()
    {
        using var server = new AroundKestrel(null!);
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Services.AddSingleton<IServer>(server);
        builder.Services.AddOneShotArena();
        builder.WebHost.UseOneShotHttp1();
        using ServiceProvider services = builder.Services.BuildServiceProvider();

        Assert.Same(server, services.GetRequiredService<IServer>()); // such as a TestServer, which tests ask the container for
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Limits_that_are_set_before_the_start_hold(bool front)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOneShotArena();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (front)
        {
            builder.WebHost.UseOneShotHttp1();
        }

        await using WebApplication app = builder.Build();
        app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MaxRequestHeaderCount = 1;
        app.Run(AnswerAsync);
        await app.StartAsync(Cancel);
        using HttpClient client = new();
        client.DefaultRequestHeaders.Add("X-Second", "1");

        HttpRequestException refused = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(new Uri(app.Urls.Single()), Cancel));

        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task Where_Kestrels_HTTP_is_not_recognised_Kestrel_serves_and_the_start_warns_for_that_endpoint()
    {
        RecordingLog log = new();
        ListenOptions? strange = null;

        string[] answers = await AskAsync(
            builder =>
            {
                builder.WebHost.UseOneShotHttp1();
                builder.WebHost.ConfigureKestrel(kestrel =>
                {
                    kestrel.Listen(IPAddress.Loopback, 0);
                    kestrel.Listen(IPAddress.Loopback, 0, endpoint => strange = endpoint);
                });

                // As the first is bound, something gets between the front and the HTTP of the second.
                builder.Services.AddSingleton<IConnectionListenerFactory>(provider => new MeddlingFactory(
                    ActivatorUtilities.CreateInstance<SocketTransportFactory>(provider), () => strange!.Use(next => connection => next(connection))));
            },
            log);

        Assert.Equal([ServedByFront, ServedByKestrel], answers);
        string warning = Assert.Single(log.Warnings);
        Assert.StartsWith("Endpoint http://127.0.0.1:", warning, StringComparison.Ordinal);
        Assert.Contains("UseOneShotHttp1() does not serve it, stock Kestrel's HTTP/1.1 does", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_somebody_hides_from_the_front_is_Kestrels_and_that_is_told_once()
    {
        RecordingLog log = new();

        string[] answers = await AskAsync(
            builder =>
            {
                builder.Configuration["Kestrel:Endpoints:A:Url"] = "http://127.0.0.1:0";
                builder.WebHost.ConfigureKestrel((context, kestrel) => kestrel.Configure(context.Configuration.GetSection("Kestrel")).Endpoint("A", endpoint =>
                {
                    endpoint.ListenOptions.UseOneShotHttp1();
                    endpoint.ListenOptions.Use(next => connection => next(new Chain.SameConnection(connection)));
                }));
            },
            log,
            times: 2);

        Assert.Equal([ServedByKestrel, ServedByKestrel], answers);
        Assert.Contains("hands Kestrel a connection of its own. Write listenOptions.UseOneShotHttp1() behind it", Assert.Single(log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_forms_on_one_endpoint_are_as_good_as_one()
    {
        string[] answers = await AskAsync(builder =>
        {
            builder.WebHost.UseOneShotHttp1();
            builder.WebHost.UseOneShotHttp1();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseOneShotHttp1()));
        });

        Assert.Equal([ServedByFront], answers);
    }

    [Fact]
    public async Task It_works_on_a_generic_host_as_well()
    {
        using IHost host = Host.CreateDefaultBuilder()
            .ConfigureWebHostDefaults(web => web
                .UseOneShotHttp1()
                .UseUrls("http://127.0.0.1:0")
                .ConfigureServices(services => services.AddOneShotArena())
                .ConfigureLogging(logging => logging.ClearProviders())
                .Configure(app => app.UseOneShotArena().Run(AnswerAsync)))
            .Build();
        await host.StartAsync(Cancel);

        Assert.Equal([ServedByFront], await AskAsync(host.Services));
        await host.StopAsync(Cancel);
    }

    [Theory]
    [InlineData(true, "builder.WebHost.UseOneShotHttp1() needs the arena services: call builder.Services.AddOneShotArena()")]
    [InlineData(false, "listenOptions.UseOneShotHttp1() needs the arena services: call builder.Services.AddOneShotArena()")]
    public void Without_the_arena_services_the_application_is_told_what_to_call(bool webHost, string message)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        if (webHost)
        {
            builder.WebHost.UseOneShotHttp1();
        }
        else
        {
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseOneShotHttp1()));
        }

        // A WebApplication asks for its server, and with it for Kestrel's options, when it is built.
        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => builder.Build());

        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Before_any_server_it_says_when_to_call_it()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());

        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => builder.WebHost.UseOneShotHttp1());

        Assert.Contains("after UseKestrel()", exception.Message, StringComparison.Ordinal);
    }

    private static async Task<string[]> AskAsync(Action<WebApplicationBuilder> configure, RecordingLog? log = null, int times = 1)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.Services.AddOneShotArena();
        configure(builder);
        await using WebApplication app = builder.Build();
        app.UseOneShotArena();
        app.Run(AnswerAsync);
        await app.StartAsync(Cancel);
        List<string> answers = [];
        for (int i = 0; i < times; i++)
        {
            answers.AddRange(await AskAsync(app.Services)); // a client each
        }

        await app.StopAsync(Cancel);
        return [.. answers];
    }

    private static async Task<string[]> AskAsync(IServiceProvider services)
    {
        using HttpClient client = new();
        List<string> answers = [];
        foreach (string address in services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features
            .Get<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>()!.Addresses)
        {
            answers.Add(await client.GetStringAsync(new Uri(address), Cancel));
        }

        return [.. answers];
    }

    // The middleware must leave the arena of the front in its place.
    private static Task AnswerAsync(HttpContext context)
    {
        bool front = context.Features.Get<IHttpRequestFeature>() is AspNetCore.Http1.Http1Features;
        Assert.Equal(front, context.Features.Get<IRequestArenaFeature>() is not RequestArenaFeature);
        return context.Response.WriteAsync(front ? ServedByFront : ServedByKestrel);
    }

    private sealed class MeddlingFactory(IConnectionListenerFactory inner, Action meddle) : IConnectionListenerFactory
    {
        private bool _hasMeddled;

        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        {
            if (!_hasMeddled)
            {
                _hasMeddled = true;
                meddle();
            }

            return inner.BindAsync(endpoint, cancellationToken);
        }
    }

    /// <summary>A server around Kestrel that counts what it starts Kestrel's requests with.</summary>
    private sealed class AroundKestrel(IServer kestrel) : IServer
    {
        private int _requests;

        internal int Requests => _requests;

        public IFeatureCollection Features => kestrel.Features;

        internal static void Register(IServiceCollection services)
        {
            ServiceDescriptor descriptor = services.Last(service => service.ServiceType == typeof(IServer));
            services.Remove(descriptor);
            services.AddSingleton<IServer>(provider => new AroundKestrel((IServer)(
                descriptor.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, descriptor.ImplementationType!))));
        }

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => kestrel.StartAsync(new Counting<TContext>(this, application), cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => kestrel.StopAsync(cancellationToken);

        public void Dispose() => kestrel?.Dispose();

        private sealed class Counting<TContext>(AroundKestrel server, IHttpApplication<TContext> application) : IHttpApplication<TContext>
            where TContext : notnull
        {
            public TContext CreateContext(IFeatureCollection contextFeatures)
            {
                Interlocked.Increment(ref server._requests);
                return application.CreateContext(contextFeatures);
            }

            public Task ProcessRequestAsync(TContext context) => application.ProcessRequestAsync(context);

            public void DisposeContext(TContext context, Exception? exception) => application.DisposeContext(context, exception);
        }
    }
}
