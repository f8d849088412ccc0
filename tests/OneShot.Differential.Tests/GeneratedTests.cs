using System.Diagnostics;
using OneShot.Differential.Tests.Comparison;
using OneShot.Differential.Tests.Corpus;
using OneShot.Differential.Tests.Generation;
using OneShot.Differential.Tests.Servers;

namespace OneShot.Differential.Tests;

/// <summary>
/// Requests nobody has thought of. The same ones on every run; with <c>ONESHOT_SOAK_SECONDS</c>, others for so long,
/// beginning at the seed in <c>ONESHOT_SOAK_SEED</c>.
/// </summary>
public class GeneratedTests(TwinFixture twins)
{
    private const int RequestsInEachRun = 200_000;
    private const int Lanes = 2;

    private static readonly IReadOnlyList<byte[]> s_seeds =
    [
        .. CorpusFiles.All.Select(one => one.Bytes),
        .. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Heads"), "*.http").Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
    ];

    [Fact]
    public async Task Two_hundred_thousand_requests_come_out_as_on_Kestrel_or_as_documented()
    {
        int seconds = Settings.Seconds ?? 0;
        int first = seconds > 0 ? Settings.Seed ?? 0 : 0;
        long requests = 0;
        int seed = first - 1;
        var complaints = new Complaints();
        var watch = Stopwatch.StartNew();
        bool IsEnough() => complaints.Count >= Complaints.MostShown
            || (seconds > 0 ? watch.Elapsed.TotalSeconds >= seconds : Volatile.Read(ref requests) >= RequestsInEachRun);

        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => Task.Run(async () =>
        {
            while (!IsEnough())
            {
                Conversation conversation = Conversation.Make(Interlocked.Increment(ref seed), s_seeds);
                if (await FirstUnexplainedAsync(conversation) is { } divergence)
                {
                    complaints.Add($"seed {conversation.Seed}", conversation.Bytes, divergence);
                }

                Interlocked.Add(ref requests, conversation.Requests);
            }
        })));

        TestContext.Current.SendDiagnosticMessage("{0} requests in {1}, up to seed {2}", requests, watch.Elapsed, seed);
        complaints.AssertNone();
    }

    private async Task<Divergence?> FirstUnexplainedAsync(Conversation conversation)
    {
        Outcome stock = await twins.Usual.Stock.AskAsync(conversation.Pieces());
        Outcome front = await twins.Usual.Front.AskAsync(conversation.Pieces());
        return Judge.FirstUnexplained(conversation.Bytes, stock, front);
    }
}
