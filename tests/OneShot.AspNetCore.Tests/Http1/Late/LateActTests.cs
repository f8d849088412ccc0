namespace OneShot.AspNetCore.Tests.Http1.Late;

/// <summary>
/// What code does with what its request has left behind, at any moment after the request's end: refused, or as on Kestrel, and
/// nothing of it reaches a request that Kestrel would not let it reach.
/// </summary>
public sealed class LateActTests
{
    /// <summary>
    /// Between two requests the front's features are still the old one's, and Kestrel's already the next one's: what the old
    /// request was may be seen, and has no effect.
    /// </summary>
    private static readonly HashSet<string> s_answersOfTheOldRequest =
        ["started", "status", "path", "method", "can have a body", "headers of the response", "on completed", "on completed, called back", "unflushed bytes"];

    /// <summary>Between two requests Kestrel takes these for the next response's, and never answers the next request.</summary>
    private static readonly HashSet<string> s_hangOnKestrel = ["start", "complete"];

    /// <summary>The page of differences has them: what is left unadvanced is drained, and an advance over nothing is none.</summary>
    private static readonly HashSet<string> s_different =
        ["read the pipe and go no further", "try to read the pipe", "read the reader that is asked for now", "cancel the read", "advance by nothing"];

    public static TheoryData<Earlier, Moment> Conversations
    {
        get
        {
            var conversations = new TheoryData<Earlier, Moment>();
            foreach (Earlier earlier in Enum.GetValues<Earlier>())
            {
                foreach (Moment moment in Enum.GetValues<Moment>())
                {
                    // A request that is spoilt while it reads leaves its read behind, and what follows then depends on the moment.
                    if (moment != Moment.NextRead && (earlier < Earlier.Upgrade || moment == Moment.ConnectionEnded))
                    {
                        conversations.Add(earlier, moment);
                    }
                }
            }

            return conversations;
        }
    }

    public static TheoryData<LateServer, ArenaReclamation, bool> Arenas =>
        new MatrixTheoryData<LateServer, ArenaReclamation, bool>(
            [LateServer.Front, LateServer.Kestrel], Enum.GetValues<ArenaReclamation>(), [false, true]);

    /// <summary>While the connection's next request runs, what is kept is that one's, as on Kestrel; at any other time it has no effect.</summary>
    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task A_late_act_has_no_effect_or_that_on_Kestrel(Earlier earlier, Moment moment)
    {
        bool isNextRunning = moment is Moment.NextHandler or Moment.NextResponse;
        await using LateHost stock = await LateHost.StartAsync(LateServer.Kestrel);
        await using LateHost front = await LateHost.StartAsync(LateServer.Front);
        List<string> complaints = [];
        string undisturbed = (await front.RunAsync(LateActs.Nothing, earlier, moment)).Sent;
        foreach (LateAct act in LateActs.OfTheServer)
        {
            LateOutcome actual = await front.RunAsync(act, earlier, moment);
            bool isRefused = actual.IsRefused && actual.Sent == undisturbed && actual.Errors.Length == 0;
            if (isRefused && actual.Complaints.Length == 0)
            {
                continue;
            }

            LateOutcome? expected = !isNextRunning && s_hangOnKestrel.Contains(act.Name) ? null : await stock.RunAsync(act, earlier, moment);
            bool isSame = expected is null || actual.Result == expected.Result;
            bool isGood = isNextRunning
                ? (isSame && actual.Sent == expected!.Sent && (actual.Errors.Length > 0) == (expected.Errors.Length > 0)) || s_different.Contains(act.Name)
                : (isSame || s_answersOfTheOldRequest.Contains(act.Name)) && (actual.Sent == undisturbed || act.Name == "abort") && actual.Errors.Length == 0;
            if (!isGood || actual.Complaints.Length > 0)
            {
                complaints.Add($"{act.Name}: Kestrel {expected}\n  the front {actual}".Replace(undisturbed, "undisturbed", StringComparison.Ordinal));
            }
        }

        Assert.True(complaints.Count == 0, string.Join("\n\n", complaints));
    }

    [Theory]
    [InlineData(LateServer.FrontOnSockets)]
    [InlineData(LateServer.FrontOnTransport)]
    public async Task Late_acts_come_out_on_sockets_as_in_memory(LateServer sockets)
    {
        Assert.SkipWhen(sockets == LateServer.FrontOnTransport && !OperatingSystem.IsLinux(), "The transport is for Linux.");
        await using LateHost memory = await LateHost.StartAsync(LateServer.Front);
        await using LateHost host = await LateHost.StartAsync(sockets);
        List<string> complaints = [];
        foreach (LateAct act in LateActs.OfTheServer.Where(act => !act.Name.StartsWith("abort", StringComparison.Ordinal))) // how a reset looks is the transport's
        {
            foreach ((Earlier earlier, Moment moment) in new[]
            {
                (Earlier.Length, Moment.Between), (Earlier.Chunked, Moment.NextHandler),
                (Earlier.None, Moment.NextResponse), (Earlier.HalfRead, Moment.ConnectionEnded), (Earlier.Upgrade, Moment.ConnectionEnded),
            })
            {
                LateOutcome expected = await memory.RunAsync(act, earlier, moment);
                LateOutcome actual = await host.RunAsync(act, earlier, moment);
                if (actual != expected)
                {
                    complaints.Add($"{act.Name}, {earlier}, {moment}: in memory {expected}\n  on sockets {actual}");
                }
            }
        }

        Assert.True(complaints.Count == 0, string.Join("\n\n", complaints));
    }

    [Theory]
    [MemberData(nameof(Arenas))]
    public async Task What_was_kept_of_an_arena_is_refused_and_touches_no_other_request(LateServer server, ArenaReclamation reclamation, bool debug)
    {
        await using LateHost host = await LateHost.StartAsync(server, reclamation, debug);
        List<string> complaints = [];
        foreach (Moment moment in Enum.GetValues<Moment>())
        {
            string undisturbed = (await host.RunAsync(LateActs.Nothing, Earlier.Length, moment)).Sent;
            foreach (LateAct act in LateActs.OfTheArena)
            {
                LateOutcome outcome = await host.RunAsync(act, Earlier.Length, moment);
                bool isAllowed = outcome.IsRefused || act.Allows(server, moment, outcome.Result);
                if (!isAllowed || outcome.Sent != undisturbed || outcome.Errors.Length > 0 || outcome.Complaints.Length > 0)
                {
                    complaints.Add($"{moment}, {act.Name}: {outcome}".Replace(undisturbed, "undisturbed", StringComparison.Ordinal));
                }
            }
        }

        Assert.True(complaints.Count == 0, string.Join("\n\n", complaints));
    }
}
