using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.TestHost;
using OneShot.Stress.Tests.Servers;

namespace OneShot.Stress.Tests.StaleAccess;

/// <summary>
/// Code that requests leave running reads everything it has kept, in tight loops, while other requests run: a running request finds
/// what its client has sent, and what stragglers get is of their own connection, or a refusal.
/// </summary>
[Collection(OneAtATime.Name)]
public class StaleAccessTests
{
    private const int UsualSeconds = 3;
    private const int Lanes = 4;

    public enum Server
    {
        Front,
        Kestrel,
        TestServer,
    }

    public static TheoryData<Server, ArenaReclamation> Servers =>
        new MatrixTheoryData<Server, ArenaReclamation>(Enum.GetValues<Server>(), Enum.GetValues<ArenaReclamation>());

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Stragglers_see_their_own_connection_or_nothing_and_requests_themselves(Server server, ArenaReclamation reclamation)
    {
        using var watch = new Watch(_ => false);
        var application = new StaleApplication(watch.Complain);
        await using WebApplication app = Build(server, reclamation, watch, application);
        await app.StartAsync();
        string address = server == Server.TestServer
            ? "http://localhost"
            : app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(Settings.Seconds ?? UsualSeconds));
        var time = Stopwatch.StartNew();
        int[] requests = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => Task.Run(() => RunLaneAsync(lane, address, Handler(), watch, over.Token))));
        await application.RestAsync();
        await app.StopAsync();

        TestContext.Current.SendDiagnosticMessage(
            "{0} requests, {1} looks of stragglers, {2} of them refused, in {3}", requests.Sum(), application.Looks, application.Refusals, time.Elapsed);
        watch.AssertNothing("At the end");
        Assert.True(reclamation != ArenaReclamation.PerRequest || BaseLine.WhatIsHeld(app.Services) is null, BaseLine.WhatIsHeld(app.Services));
        Assert.True(requests.All(count => count > 0) && application.Looks > 0, "Nothing has run.");

        HttpMessageHandler Handler() => server == Server.TestServer
            ? app.GetTestServer().CreateHandler()
            : new SocketsHttpHandler { MaxConnectionsPerServer = 1, UseCookies = false };
    }

    private static WebApplication Build(Server server, ArenaReclamation reclamation, Watch watch, StaleApplication application)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        if (server == Server.TestServer)
        {
            builder.WebHost.UseTestServer();
        }
        else
        {
            builder.WebHost.UseKestrelCore();
        }

        builder.Services.AddSingleton<ILoggerProvider>(watch);
        builder.Services.AddOneShotArena(options =>
        {
            options.Capacity = reclamation == ArenaReclamation.Never ? 4L << 30 : 64 << 20;
            options.Reclamation = reclamation;
        });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            if (server == Server.Front)
            {
                // An arena that a late call has let go of comes back with the request's end, however long that takes here.
                listen.Use(next => connection =>
                {
                    connection.Features.Set<IConnectionHeartbeatFeature>(null);
                    return next(connection);
                });
                listen.UseOneShotHttp1();
            }
        }));
        WebApplication app = builder.Build();
        app.UseOneShotArena();
        app.Run(application.RunAsync);
        return app;
    }

    /// <summary>One client with one connection, whose every value says whose it is, and which request's.</summary>
    private static async Task<int> RunLaneAsync(int lane, string address, HttpMessageHandler handler, Watch watch, CancellationToken over)
    {
        using var client = new HttpClient(handler, disposeHandler: true);
        int count = 0;
        while (count == 0 || !over.IsCancellationRequested)
        {
            string mine = string.Create(CultureInfo.InvariantCulture, $"lane{lane}-{count++:D6}-{new string((char)('a' + (count % 20)), 5 + (count % 90))}");
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{address}/{mine}?q={mine}");
            request.Headers.Add(StaleApplication.Known, mine);
            request.Headers.Add(StaleApplication.Own, mine);
            request.Headers.Add("Cookie", $"c={mine}");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", mine);
            if (count % 3 != 0)
            {
                request.Content = new StringContent(mine);
                request.Headers.TransferEncodingChunked = count % 2 == 0;
            }

            try
            {
                using HttpResponseMessage response = await client.SendAsync(request, CancellationToken.None);
                string text = await response.Content.ReadAsStringAsync(CancellationToken.None);
                if (text != mine)
                {
                    watch.Complain($"{mine} was answered {(int)response.StatusCode} '{text}'.");
                }
            }
            catch (HttpRequestException exception)
            {
                watch.Complain($"{mine} was not answered: {exception}");
            }
        }

        return count;
    }
}
