using System.Buffers;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Microsoft.IO;
using Pipelines.Sockets.Unofficial.Arenas;

namespace OneShot.Benchmarks.Allocator;

/// <summary>
/// One allocation of one size, a thousand to a request. What a request's end costs (clearing, returning, freeing) is in
/// the figures; nobody writes into the memory, so what the hardware takes for that is not.
/// </summary>
[MemoryDiagnoser, Config(typeof(BriefIterations))]
public unsafe class SingleSizeBenchmarks
{
    private const int Requests = 100;
    private const int PerRequest = 1000;
    private const int Allocations = Requests * PerRequest;

    // Address space only: a benchmark under Never uses it up, but touches none of it.
    private readonly ProcessArena _process = new(new() { Capacity = 1L << 44, BlockSize = 32 << 10 });
    private readonly ProcessArena _reclaiming = new(new() { Capacity = 64L << 20, BlockSize = 32 << 10, Reclamation = ArenaReclamation.PerRequest });
    private readonly Arena<byte> _pipelines = new(new ArenaOptions(blockSizeBytes: 32 << 10));
    private readonly Arena<byte> _clearingPipelines = new(new ArenaOptions(ArenaFlags.ClearAtReset, 32 << 10));
    private readonly RecyclableMemoryStreamManager _streams = new();
    private readonly Arena _arena;
    private readonly Arena _reclaimingArena;
    private readonly ThreadArena _threads;

    public SingleSizeBenchmarks()
    {
        _arena = _process.CreateArena();
        _reclaimingArena = _reclaiming.CreateArena();
        _threads = new ThreadArena(_process);
    }

    [Params(16, 64, 256, 1024)]
    public int Size { get; set; }

    [Benchmark(Description = "Arena, Never", OperationsPerInvoke = Allocations)]
    public int Never()
    {
        int total = 0;
        for (int request = 0; request < Requests; request++)
        {
            for (int index = 0; index < PerRequest; index++)
            {
                total += _arena.Allocate<byte>(Size).Length;
            }

            _arena.Reset();
        }

        return total;
    }

    [Benchmark(Description = "Arena, PerRequest (clears)", OperationsPerInvoke = Allocations)]
    public int Reclaiming()
    {
        int total = 0;
        for (int request = 0; request < Requests; request++)
        {
            for (int index = 0; index < PerRequest; index++)
            {
                total += _reclaimingArena.Allocate<byte>(Size).Length;
            }

            _reclaimingArena.Reset();
        }

        return total;
    }

    [Benchmark(Description = "ThreadArena", OperationsPerInvoke = Allocations)]
    public int PerThread()
    {
        int total = 0;
        for (int index = 0; index < Allocations; index++)
        {
            total += _threads.Allocate<byte>(Size).Length;
        }

        return total;
    }

    [Benchmark(Description = "ProcessArena", OperationsPerInvoke = Allocations)]
    public int Process()
    {
        int total = 0;
        for (int index = 0; index < Allocations; index++)
        {
            total += _process.Allocate(Size).Length;
        }

        return total;
    }

    [Benchmark(Description = "new byte[]", Baseline = true, OperationsPerInvoke = Allocations)]
    public void NewArray()
    {
        for (int index = 0; index < Allocations; index++)
        {
            GC.KeepAlive(new byte[Size]);
        }
    }

    [Benchmark(Description = "ArrayPool (rent, return)", OperationsPerInvoke = Allocations)]
    public void Pool()
    {
        for (int index = 0; index < Allocations; index++)
        {
            byte[] array = ArrayPool<byte>.Shared.Rent(Size);
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    [Benchmark(Description = "NativeMemory (alloc, free)", OperationsPerInvoke = Allocations)]
    public void Native()
    {
        for (int index = 0; index < Allocations; index++)
        {
            NativeMemory.Free(NativeMemory.Alloc((nuint)Size));
        }
    }

    [Benchmark(Description = "Pipelines.Sockets.Unofficial", OperationsPerInvoke = Allocations)]
    public long Pipelines() => Run(_pipelines);

    [Benchmark(Description = "Pipelines.Sockets.Unofficial (clears)", OperationsPerInvoke = Allocations)]
    public long ClearingPipelines() => Run(_clearingPipelines);

    [Benchmark(Description = "RecyclableMemoryStream", OperationsPerInvoke = Allocations)]
    public int Stream()
    {
        int total = 0;
        for (int request = 0; request < Requests; request++)
        {
            using RecyclableMemoryStream stream = _streams.GetStream();
            for (int index = 0; index < PerRequest; index++)
            {
                total += stream.GetSpan(Size).Length;
                stream.Advance(Size);
            }
        }

        return total;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _threads.Dispose();
        _arena.Dispose();
        _reclaimingArena.Dispose();
        _process.Dispose();
        _reclaiming.Dispose();
        _pipelines.Dispose();
        _clearingPipelines.Dispose();
    }
    private long Run(Arena<byte> arena)
    {
        long total = 0;
        for (int request = 0; request < Requests; request++)
        {
            for (int index = 0; index < PerRequest; index++)
            {
                total += arena.Allocate(Size).Length;
            }

            arena.Reset();
        }

        return total;
    }
}
