using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1.Late;

/// <summary>
/// A thread does one thing, again and again, while its request ends and the next ones of its connection come and go. What becomes of
/// those is its own doing; the server lives, other connections get what is theirs, and no client gets bytes of another.
/// </summary>
public sealed class LateRaceTests
{
    private static readonly TimeSpan s_time = Settings.Seconds is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromSeconds(0.1);

    /// <summary>Two threads in one writer: what neither has written goes out, as on Kestrel. Decision 013 says why.</summary>
    private static readonly HashSet<string> s_asOnKestrel = ["advance over what was got before", "get memory and advance"];

    private const int RequestsInRound = 4;

    /// <summary>A round's end: a request that is given callbacks for ever does not end, on Kestrel either.</summary>
    private const int MostActs = 20_000;

    private static readonly string s_own = new('o', 700);
    private static readonly string s_other = new('#', 3000);

    /// <summary>All that this connection's answers are made of.</summary>
    private static readonly SearchValues<char> s_text = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(value => (char)value).Where(value => value != '#'), '\r', '\n']);

    /// <summary>Several steps, in which the end of the request may fall.</summary>
    private static readonly LateAct[] s_steps =
    [
        LateAct.Await("on starting, and complete", parts =>
        {
            parts.Response.OnStarting(static _ => Task.CompletedTask, parts);
            return parts.ResponseBody.CompleteAsync();
        }),
        LateAct.Await("on starting with a wait, and complete", parts =>
        {
            parts.Response.OnStarting(static async _ => await Task.Yield(), parts);
            return parts.ResponseBody.CompleteAsync();
        }),
        LateAct.Await("on starting with a failure, and complete", parts =>
        {
            parts.Response.OnStarting(static _ => throw new InvalidOperationException("stray"), parts);
            return parts.ResponseBody.CompleteAsync();
        }),
        LateAct.Await("on starting with a wait, and start", parts =>
        {
            parts.Response.OnStarting(static async _ => await Task.Yield(), parts);
            return parts.ResponseBody.StartAsync();
        }),
        LateAct.Await("write, and complete", async parts =>
        {
            await parts.Writer.WriteAsync("STRAY"u8.ToArray());
            await parts.Writer.CompleteAsync();
        }),
    ];

    private static readonly LateAct[] s_acts = [.. LateActs.OfTheServer, .. LateActs.OfTheArena, .. s_steps];

    public static TheoryData<string, bool> Acts => new MatrixTheoryData<string, bool>([.. s_acts.Select(act => act.Name).Distinct()], [true, false]);

    [Theory]
    [MemberData(nameof(Acts))]
    public async Task An_act_that_races_with_the_end_harms_no_other_connection(string name, bool isStarted)
    {
        LateAct act = s_acts.First(act => act.Name == name);
        Task straggler = Task.CompletedTask;
        bool isOver = false;
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            string path = context.Request.Path.Value!;
            if (path == "/other")
            {
                await context.Response.WriteAsync(s_other);
                return;
            }

            var parts = new LateParts(context);
            await context.Request.Body.CopyToAsync(Stream.Null);
            if (isStarted)
            {
                await context.Response.WriteAsync(s_own);
            }

            if (path == "/leaves")
            {
                parts.TakeRest();
                var begun = new TaskCompletionSource();
                straggler = Task.Run(async () =>
                {
                    begun.SetResult();
                    for (int i = 0; i < MostActs && !Volatile.Read(ref isOver); i++)
                    {
                        await act.RunAsync(parts);
                    }

                    parts.Release();
                });
                begun.Task.Wait();
            }
        });
        await using InMemoryConnection other = server.Connect();
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < s_time;)
        {
            isOver = false;
            await using InMemoryConnection client = server.Connect();
            using var all = new MemoryStream();
            Task reading = client.Input.CopyToAsync(all);
            for (int i = 0; i < RequestsInRound; i++)
            {
                await client.SendAsync($"POST /{(i == 0 ? "leaves" : "goes-on")} HTTP/1.1\r\nHost: a\r\nX-Own: own\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: s\r\n\r\n");
                RawResponse response = await other.RoundTripAsync("GET /other HTTP/1.1\r\nHost: b\r\n\r\n");
                Assert.Equal(s_other, response.Text);
            }

            Volatile.Write(ref isOver, true);
            await straggler.WaitAsync(Limits.Patience);
            await client.FinishSendingAsync();
            await reading.WaitAsync(Limits.Patience);
            if (s_asOnKestrel.Contains(name))
            {
                continue;
            }

            string sent = Encoding.Latin1.GetString(all.ToArray());
            int foreign = sent.AsSpan().IndexOfAnyExcept(s_text);
            Assert.True(foreign < 0, $"At {foreign} of {sent.Length}: {sent}");
            int answers = await CountAnswersAsync(all.ToArray());
            Assert.True(answers <= RequestsInRound, $"{answers} answers to {RequestsInRound} requests: {sent}");
        }
    }

    /// <summary>Answers as a client sees them, one behind the other. The last may be cut short: the connection has ended then.</summary>
    private static async Task<int> CountAnswersAsync(byte[] sent)
    {
        var input = PipeReader.Create(new ReadOnlySequence<byte>(sent));
        int count = 0;
        while (await input.ReadAsync() is { Buffer.IsEmpty: false } read)
        {
            input.AdvanceTo(read.Buffer.Start);
            try
            {
                count += (await RawResponse.ReadAsync(input)).Status >= 200 ? 1 : 0;
            }
            catch (Xunit.Sdk.XunitException exception) when (exception.Message.Contains("The connection ended within", StringComparison.Ordinal))
            {
                return count + 1;
            }
        }

        return count;
    }
}
