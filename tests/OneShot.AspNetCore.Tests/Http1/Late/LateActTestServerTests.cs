using Microsoft.AspNetCore.TestHost;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1.Late;

/// <summary>The same acts on a server whose features are one request's and no other's: none reaches another request.</summary>
public sealed class LateActTestServerTests
{
    public static TheoryData<ArenaReclamation, bool> Policies =>
        new MatrixTheoryData<ArenaReclamation, bool>(Enum.GetValues<ArenaReclamation>(), [false, true]);

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task A_late_act_reaches_no_other_request(ArenaReclamation reclamation, bool debug)
    {
        var application = new LateApplication();
        var log = new RecordingLog();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton<ILoggerProvider>(log);
        builder.Services.AddOneShotArena(options => (options.Capacity, options.Reclamation, options.Debug) = (256L << 20, reclamation, debug));
        await using WebApplication app = builder.Build();
        app.UseOneShotArena();
        app.Run(application.RunAsync);
        await app.StartAsync();
        using HttpClient client = app.GetTestClient();
        List<string> complaints = [];
        foreach (Moment moment in new[] { Moment.Between, Moment.NextHandler, Moment.NextResponse })
        {
            string undisturbed = (await ConverseAsync(LateActs.Nothing, moment)).Sent;
            foreach (LateAct act in LateActs.OfTheServer.Concat(LateActs.OfTheArena))
            {
                LateOutcome outcome = await ConverseAsync(act, moment);
                bool isAllowed = LateActs.OfTheServer.Contains(act) || outcome.IsRefused || act.Allows(LateServer.TestServer, moment, outcome.Result);
                if (!isAllowed || outcome.Sent != undisturbed || outcome.Errors.Length > 0 || outcome.Complaints.Length > 0)
                {
                    complaints.Add($"{moment}, {act.Name}: {outcome}");
                }
            }
        }

        Assert.True(complaints.Count == 0, string.Join("\n\n", complaints));

        async Task<LateOutcome> ConverseAsync(LateAct act, Moment moment)
        {
            var run = new LateRun(act, Earlier.Length, moment);
            application.Runs["1"] = run;
            int logged = log.Entries.Count();
            try
            {
                await AskAsync("/earlier", "abc", "earlier", acts: false);
                await Eventually.HoldsAsync(() => Record.Exception(() => run.Parts!.Arenas!.Arena) is ObjectDisposedException);
                if (moment == Moment.Between)
                {
                    await run.ActAsync();
                }

                string sent = await AskAsync("/next?q=2", "0123", "next", acts: true) + await AskAsync("/next?q=2", "0123", "next", acts: false);
                return new LateOutcome(
                    run.Result, sent,
                    string.Join("; ", log.Entries.Skip(logged).Where(entry => entry.Level >= LogLevel.Error).Select(entry => entry.Message)),
                    string.Join("; ", run.Complaints));
            }
            finally
            {
                run.Parts?.Release();
            }
        }

        async Task<string> AskAsync(string path, string body, string own, bool acts)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new StringContent(body) };
            request.Headers.Add("X-Run", "1");
            request.Headers.Add("X-Own", own);
            request.Headers.Add("X-Acts", acts ? "yes" : "no");
            using HttpResponseMessage response = await client.SendAsync(request);
            return $"{(int)response.StatusCode} {response.Headers.ToString().ReplaceLineEndings(" | ")} {await response.Content.ReadAsStringAsync()} // ";
        }
    }
}
