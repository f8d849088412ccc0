using System.Buffers;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Microsoft.IO;
using Pipelines.Sockets.Unofficial.Arenas;

namespace OneShot.Benchmarks.Allocator;

/// <summary>
/// A request's worth of memory: 64 allocations of 8 to 512 bytes, sizes drawn once with a fixed seed, the first byte of
/// each written, all given back at the end. On one thread and on two; the figures are nanoseconds of a thread per allocation.
/// </summary>
[MemoryDiagnoser, Config(typeof(BriefIterations))]
public unsafe class RequestBenchmarks
{
    private const int Requests = 1000;
    private const int PerRequest = 64;
    private const int Allocations = Requests * PerRequest;

    private readonly int[] _sizes = new int[PerRequest];
    private readonly ProcessArena _process = new(new() { Capacity = 64L << 20, BlockSize = 32 << 10, Reclamation = ArenaReclamation.PerRequest });
    private readonly ProcessArena _generational = new(new() { Capacity = 256L << 20, BlockSize = 32 << 10, Reclamation = ArenaReclamation.Generational });
    private readonly RecyclableMemoryStreamManager _streams = new();
    private ThreadTeam _team = null!;
    private Arena[] _arenas = null!;
    private Arena[] _generationalArenas = null!;
    private Arena<byte>[] _pipelines = null!;
    private Arena<byte>[] _clearingPipelines = null!;
    private byte[][][] _arrays = null!;

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(20);
        for (int index = 0; index < _sizes.Length; index++)
        {
            _sizes[index] = random.Next(8, 513);
        }

        _team = new ThreadTeam(Threads);
        _arenas = [.. Enumerable.Range(0, Threads).Select(_ => _process.CreateArena())];
        _generationalArenas = [.. Enumerable.Range(0, Threads).Select(_ => _generational.CreateArena())];
        _pipelines = [.. Enumerable.Range(0, Threads).Select(_ => new Arena<byte>(new ArenaOptions(blockSizeBytes: 32 << 10)))];
        _clearingPipelines = [.. Enumerable.Range(0, Threads).Select(_ => new Arena<byte>(new ArenaOptions(ArenaFlags.ClearAtReset, 32 << 10)))];
        _arrays = [.. Enumerable.Range(0, Threads).Select(_ => new byte[PerRequest][])];
    }

    [Benchmark(Description = "Arena, PerRequest (clears)", OperationsPerInvoke = Allocations)]
    public void Arena() => _team.Run(thread => Run(_arenas[thread]));

    [Benchmark(Description = "Arena, Generational (fresh pages)", OperationsPerInvoke = Allocations)]
    public void Generational() => _team.Run(thread => Run(_generationalArenas[thread]));

    [Benchmark(Description = "new byte[]", Baseline = true, OperationsPerInvoke = Allocations)]
    public void NewArray() => _team.Run(_ =>
    {
        for (int request = 0; request < Requests; request++)
        {
            foreach (int size in _sizes)
            {
                byte[] array = new byte[size];
                array[0] = 1;
                GC.KeepAlive(array);
            }
        }
    });

    [Benchmark(Description = "ArrayPool", OperationsPerInvoke = Allocations)]
    public void Pool() => _team.Run(thread =>
    {
        byte[][] arrays = _arrays[thread];
        for (int request = 0; request < Requests; request++)
        {
            for (int index = 0; index < PerRequest; index++)
            {
                byte[] array = ArrayPool<byte>.Shared.Rent(_sizes[index]);
                array[0] = 1;
                arrays[index] = array;
            }

            foreach (byte[] array in arrays)
            {
                ArrayPool<byte>.Shared.Return(array);
            }
        }
    });

    [Benchmark(Description = "NativeMemory", OperationsPerInvoke = Allocations)]
    public void Native() => _team.Run(_ =>
    {
        byte** pieces = stackalloc byte*[PerRequest];
        for (int request = 0; request < Requests; request++)
        {
            for (int index = 0; index < PerRequest; index++)
            {
                byte* piece = (byte*)NativeMemory.Alloc((nuint)_sizes[index]);
                *piece = 1;
                pieces[index] = piece;
            }

            for (int index = 0; index < PerRequest; index++)
            {
                NativeMemory.Free(pieces[index]);
            }
        }
    });

    [Benchmark(Description = "Pipelines.Sockets.Unofficial", OperationsPerInvoke = Allocations)]
    public void Pipelines() => _team.Run(thread => Run(_pipelines[thread]));

    [Benchmark(Description = "Pipelines.Sockets.Unofficial (clears)", OperationsPerInvoke = Allocations)]
    public void ClearingPipelines() => _team.Run(thread => Run(_clearingPipelines[thread]));

    [Benchmark(Description = "RecyclableMemoryStream", OperationsPerInvoke = Allocations)]
    public void Stream() => _team.Run(_ =>
    {
        for (int request = 0; request < Requests; request++)
        {
            using RecyclableMemoryStream stream = _streams.GetStream();
            foreach (int size in _sizes)
            {
                stream.GetSpan(size)[0] = 1;
                stream.Advance(size);
            }
        }
    });

    [GlobalCleanup]
    public void Cleanup()
    {
        _team.Dispose();
        Array.ForEach(_arenas, arena => arena.Dispose());
        Array.ForEach(_generationalArenas, arena => arena.Dispose());
        Array.ForEach(_pipelines, arena => arena.Dispose());
        Array.ForEach(_clearingPipelines, arena => arena.Dispose());
        _process.Dispose();
        _generational.Dispose();
    }

    private void Run(Arena<byte> arena)
    {
        for (int request = 0; request < Requests; request++)
        {
            foreach (int size in _sizes)
            {
                arena.Allocate(size).FirstSpan[0] = 1;
            }

            arena.Reset();
        }
    }

    private void Run(Arena arena)
    {
        for (int request = 0; request < Requests; request++)
        {
            foreach (int size in _sizes)
            {
                arena.Allocate<byte>(size)[0] = 1;
            }

            arena.Reset();
        }
    }
}
