using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;

namespace OneShot.Benchmarks.Allocator;

/// <summary>
/// For a machine that others use too, and benchmarks that bring their own loop: many iterations of a millisecond or so, of which some fall into quiet moments, also
/// into moments in which two threads really run at the same time. The minimum is what the code takes; the median is what
/// it took among the others.
/// </summary>
internal sealed class BriefIterations : ManualConfig
{
    public BriefIterations()
    {
        AddJob(Job.Default
            .WithLaunchCount(1)
            .WithInvocationCount(1)
            .WithUnrollFactor(1)
            .WithWarmupCount(100)
            .WithIterationCount(200)
            .WithEnvironmentVariable("DOTNET_TC_CallCountingDelayMs", "0"));
        AddColumn(StatisticColumn.Min, StatisticColumn.Median);
        HideColumns("Error", "StdDev", "Mean", "Ratio", "RatioSD", "Gen0", "Gen1", "Gen2", "Alloc Ratio", "InvocationCount", "UnrollFactor");
    }
}
