using BenchmarkDotNet.Attributes;

namespace OneShot.Benchmarks.Allocator;

/// <summary>
/// One cursor for all threads, a cursor for each thread, a cursor for each owner: 64 bytes each time, memory not touched.
/// The bare atomic addition is what the first cannot be faster than.
/// </summary>
[Config(typeof(BriefIterations))]
public class AtomicOrThreadLocalBenchmarks
{
    private const int Allocations = 200_000;
    private const int Size = 64;

    // Address space only, and used up: a second of the fastest of these takes about 100 GiB of it.
    private readonly ProcessArena _process = new(new() { Capacity = 1L << 44, BlockSize = 32 << 10 });
    private readonly Counter _counter = new();
    private ThreadTeam _team = null!;
    private Arena[] _arenas = null!;
    private ThreadArena _threads = null!;

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _team = new ThreadTeam(Threads);
        _arenas = [.. Enumerable.Range(0, Threads).Select(_ => _process.CreateArena())];
        _threads = new ThreadArena(_process);
    }

    [Benchmark(Description = "Interlocked.Add, bare", Baseline = true, OperationsPerInvoke = Allocations)]
    public void Bare() => _team.Run(_ =>
    {
        Counter counter = _counter;
        for (int index = 0; index < Allocations; index++)
        {
            Interlocked.Add(ref counter.Value, Size);
        }
    });

    [Benchmark(Description = "ProcessArena.Allocate", OperationsPerInvoke = Allocations)]
    public void Process() => _team.Run(_ =>
    {
        ProcessArena process = _process;
        for (int index = 0; index < Allocations; index++)
        {
            process.Allocate(Size);
        }
    });

    [Benchmark(Description = "ThreadArena.Allocate", OperationsPerInvoke = Allocations)]
    public void PerThread() => _team.Run(_ =>
    {
        ThreadArena threads = _threads;
        for (int index = 0; index < Allocations; index++)
        {
            threads.Allocate<byte>(Size);
        }
    });

    [Benchmark(Description = "Arena.Allocate", OperationsPerInvoke = Allocations)]
    public void PerOwner() => _team.Run(thread =>
    {
        Arena arena = _arenas[thread];
        for (int index = 0; index < Allocations; index++)
        {
            arena.Allocate<byte>(Size);
        }
    });

    [GlobalCleanup]
    public void Cleanup()
    {
        _team.Dispose();
        _threads.Dispose();
        Array.ForEach(_arenas, arena => arena.Dispose());
        _process.Dispose();
    }

    /// <summary>As far from other fields as the arena's cursor is.</summary>
    private sealed class Counter
    {
#pragma warning disable CS0169, CS0414, IDE0051, IDE0052, CA1823 // Padding.
        private readonly Padding _before;
        public long Value;
        private readonly Padding _after;
#pragma warning restore CS0169, CS0414, IDE0051, IDE0052, CA1823

        [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Size = 128)]
        private struct Padding;
    }
}
