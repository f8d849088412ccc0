using System.Net;
using Microsoft.AspNetCore.Http.Features;
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
        LogRecorder log = new();
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
        LogRecorder log = new();

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
        LogRecorder log = new();

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

    private static async Task<string[]> AskAsync(Action<WebApplicationBuilder> configure, LogRecorder? log = null)
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
        string[] answers = await AskAsync(app.Services);
        await app.StopAsync(Cancel);
        return answers;
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
        bool front = context.Features.Get<IHttpRequestFeature>() is AspNetCore.Http1.Http1Exchange;
        Assert.Equal(front, context.Features.Get<IRequestArenaFeature>() is not RequestArenaFeature);
        return context.Response.WriteAsync(front ? ServedByFront : ServedByKestrel);
    }
}
