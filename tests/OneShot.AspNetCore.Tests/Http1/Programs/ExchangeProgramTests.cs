using System.Diagnostics;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1.Programs;

/// <summary>
/// Applications that do anything with their exchange, in any order: what each step gives or throws, what the client gets and
/// what the log says is the same on stock Kestrel and on the front. With <c>ONESHOT_SOAK_SECONDS</c>, others for so long.
/// </summary>
public sealed class ExchangeProgramTests
{
    private const int ProgramsInEachRun = 4_000;
    private const int MostShown = 8;

    [Fact]
    public async Task Any_order_of_calls_comes_out_as_on_Kestrel()
    {
        await using ExchangeHost stock = await ExchangeHost.StartAsync(front: false);
        await using ExchangeHost front = await ExchangeHost.StartAsync(front: true);
        int seconds = Settings.Seconds ?? 0;
        int seed = Settings.Seed ?? 0;
        int most = Settings.Shown is > 0 and var shown ? shown : MostShown;
        int last = seed + ProgramsInEachRun;
        var watch = Stopwatch.StartNew();
        List<string> complaints = [];
        for (; complaints.Count < most && (seconds > 0 ? watch.Elapsed.TotalSeconds < seconds : seed < last); seed++)
        {
            ExchangeProgram program = new ExchangeDice(seed).Make();
            if (await DifferenceAsync(program) is not null)
            {
                program = await ShrinkAsync(program);
                complaints.Add($"{program}\n  {await DifferenceAsync(program)}");
            }
        }

        Assert.True(complaints.Count == 0, $"up to seed {seed}:\n" + string.Join("\n\n", complaints));

        async Task<string?> DifferenceAsync(ExchangeProgram program) =>
            ExchangeOutcome.Difference(program, await stock.RunAsync(program), await front.RunAsync(program));

        async Task<ExchangeProgram> ShrinkAsync(ExchangeProgram program)
        {
            bool shrunk;
            do
            {
                shrunk = false;
                for (int i = 0; i < program.Steps.Count + program.LateSteps.Count; i++)
                {
                    ExchangeProgram smaller = i < program.Steps.Count
                        ? program with { Steps = Without(program.Steps, i) }
                        : program with { LateSteps = Without(program.LateSteps, i - program.Steps.Count) };
                    if (await DifferenceAsync(smaller) is not null)
                    {
                        program = smaller;
                        shrunk = true;
                        break;
                    }
                }
            }
            while (shrunk);

            return program;
        }
    }

    /// <summary>Another thread aborts between any two steps, or within one: exceptions of the kinds that say so, and the connection ends.</summary>
    [Fact]
    public async Task An_abort_at_any_moment_ends_the_connection_and_breaks_nothing()
    {
        string[] faults = [nameof(NullReferenceException), nameof(IndexOutOfRangeException), nameof(ArgumentOutOfRangeException), nameof(ArgumentException), nameof(TimeoutException), nameof(InvalidCastException)];
        await using ExchangeHost front = await ExchangeHost.StartAsync(front: true);
        for (int seed = 0; seed < 500; seed++)
        {
            ExchangeProgram program = new ExchangeDice(seed).Make();
            for (int abortAfter = 0; abortAfter < program.Steps.Count; abortAfter++)
            {
                ExchangeOutcome outcome = await front.RunAsync(program, abortAfter);
                Assert.False(
                    outcome.Trace.Any(entry => faults.Any(fault => entry.EndsWith(fault, StringComparison.Ordinal) || entry.Contains(fault + " ", StringComparison.Ordinal))),
                    $"{program}\nabort after {abortAfter}: {string.Join("; ", outcome.Trace)}");
            }
        }
    }

    /// <summary>
    /// Two threads do a program's steps at once, with or without the application waiting for the second. What comes of the
    /// request itself depends on the moment; the connection's bytes are its own, the next client is served, and memory comes back.
    /// </summary>
    [Fact]
    public async Task Calls_on_two_threads_at_once_harm_nobody_else()
    {
        await using ExchangeHost front = await ExchangeHost.StartAsync(front: true);
        for (int seed = 0; seed < 600; seed++)
        {
            ExchangeProgram program = new ExchangeDice(seed).Make();
            if (program.IsUpgrade)
            {
                continue;
            }

            ExchangeOutcome outcome = await front.RunOnTwoThreadsAsync(program, waits: seed % 2 == 0);
            Assert.False(outcome.HasForeignBytes, $"{program}\n{outcome.Sent}");
            Assert.Equal("HTTP/1.1 200 OK | Connection: close | Server: Kestrel | Transfer-Encoding: chunked\nchunks: next\n", (await front.AskNextAsync()).ReplaceLineEndings("\n"));
        }

        await Eventually.HoldsAsync(() => front.Arena.Used == 0);
    }

    private static List<ExchangeStep> Without(IReadOnlyList<ExchangeStep> steps, int index) => [.. steps.Where((_, i) => i != index)];
}
