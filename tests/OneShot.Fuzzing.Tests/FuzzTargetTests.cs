using System.Diagnostics;
using System.Text;
using OneShot.Fuzzing.Running;
using OneShot.Fuzzing.Targets;

namespace OneShot.Fuzzing.Tests;

/// <summary>
/// The fuzz targets as tests: the same inputs on every run; with <c>ONESHOT_SOAK_SECONDS</c>, others for so long each, from the seed
/// in <c>ONESHOT_SOAK_SEED</c>. What once broke a promise is run first.
/// </summary>
public class FuzzTargetTests
{
    private const int ExecutionsInEachRun = 200_000;

    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Seeds_and_regressions_keep_every_promise(string name)
    {
        FuzzTarget target = Find(name);
        string[] files = [.. target.Files("Corpus"), .. target.Files("Regressions")];
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            Exception? exception = Record.Exception(() => target.Run(File.ReadAllBytes(file)));
            Assert.True(exception is null, $"{Path.GetFileName(file)}: {exception}");
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Two_hundred_thousand_inputs_keep_every_promise(string name)
    {
        int seconds = Settings.Seconds ?? 0;
        var campaign = new Campaign(Find(name), seconds > 0 ? Settings.Seed ?? 0 : 1);
        var watch = Stopwatch.StartNew();
        while (seconds > 0 ? watch.Elapsed.TotalSeconds < seconds : campaign.Executions < ExecutionsInEachRun)
        {
            if (campaign.Step() is { } finding)
            {
                Assert.Fail($"Input {campaign.Executions}: {finding}");
            }
        }

        TestContext.Current.SendDiagnosticMessage("{0}: {1} inputs in {2}", name, campaign.Executions, watch.Elapsed);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_seed_makes_the_same_inputs_again(string name)
    {
        Assert.Equal(Inputs(1), Inputs(1));
        Assert.NotEqual(Inputs(1), Inputs(2));

        IEnumerable<string> Inputs(int seed)
        {
            var seen = new List<string>();
            FuzzTarget recording = Find(name) with { Run = input => seen.Add(Encoding.Latin1.GetString(input)) };
            var campaign = new Campaign(recording, seed);
            while (campaign.Executions < 100)
            {
                Assert.Null(campaign.Step());
            }

            return seen;
        }
    }

    [Fact]
    public void An_input_that_breaks_a_promise_is_shown()
    {
        FuzzTarget broken = Find("chunks") with { Run = input => Violation.Unless(input.IndexOf((byte)'"') < 0, "There are no quotes") };
        var campaign = new Campaign(broken, seed: 1);
        Finding? finding = null;
        while (finding is null && campaign.Executions < 10_000)
        {
            finding = campaign.Step();
        }

        Assert.IsType<Violation>(finding?.Exception);
        Assert.Contains((byte)'"', finding.Input);
        Assert.Contains("There are no quotes", finding.ToString(), StringComparison.Ordinal);
    }

    private static FuzzTarget Find(string name) => FuzzTarget.All.Single(target => target.Name == name);
}
