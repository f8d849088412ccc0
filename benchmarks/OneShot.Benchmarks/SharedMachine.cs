using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using Perfolizer.Horology;

namespace OneShot.Benchmarks;

/// <summary>
/// For a machine that others use too: many short iterations, of which some fall into quiet moments. The minimum is what
/// the code takes, the median what it took among the others.
/// </summary>
internal sealed class SharedMachine : ManualConfig
{
    public SharedMachine()
    {
        AddJob(Job.Default.WithLaunchCount(1).WithWarmupCount(3).WithIterationTime(TimeInterval.FromMilliseconds(60)).WithIterationCount(40));
        AddColumn(StatisticColumn.Min, StatisticColumn.Median);
        HideColumns("Error", "StdDev", "RatioSD", "Gen0", "Gen1", "Gen2", "Alloc Ratio", "Mean");
    }
}
