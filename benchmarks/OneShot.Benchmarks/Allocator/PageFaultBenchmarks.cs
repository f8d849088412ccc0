using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;

namespace OneShot.Benchmarks.Allocator;

/// <summary>
/// What the first touch of a page costs the request that happens to make it: 4,096 pages of fresh memory, one byte
/// written in each, as they come, touched ahead by the arena's thread, and backed by huge pages.
/// </summary>
[SimpleJob(RunStrategy.Monitoring, warmupCount: 3, iterationCount: 15, invocationCount: 1)]
public class PageFaultBenchmarks
{
    private const int Pages = 4096;
    private const int PageBytes = 4096;
    private const long Touched = Pages * (long)PageBytes;
    private ProcessArena _process = null!;

    [Params("as they come", "PreTouch", "HugePages")]
    public string Mode { get; set; } = "";

    [IterationSetup]
    public void Setup()
    {
        _process = new ProcessArena(new()
        {
            Capacity = 4 * Touched,
            PreTouch = Mode == "PreTouch" ? 2 * Touched : 0,
            HugePages = Mode == "HugePages",
        });
        _process.Allocate(1);
        if (Mode == "PreTouch")
        {
            long before = ResidentBytes();
            SpinWait.SpinUntil(() => ResidentBytes() - before > Touched, TimeSpan.FromSeconds(5));
            Thread.Sleep(100);
        }
    }

    [Benchmark(Description = "allocate and write a page", OperationsPerInvoke = Pages)]
    public void Touch()
    {
        for (int page = 0; page < Pages; page++)
        {
            _process.Allocate(PageBytes)[0] = 1;
        }
    }

    [IterationCleanup]
    public void Cleanup() => _process.Dispose();

    private static long ResidentBytes() => Environment.WorkingSet;
}
