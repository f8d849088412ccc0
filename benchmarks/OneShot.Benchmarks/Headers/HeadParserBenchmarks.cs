using System.Buffers;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;
using OneShot.AspNetCore.Wire;

namespace OneShot.Benchmarks.Headers;

/// <summary>
/// Parsing alone, from bytes in a buffer to names and values. Ours validates every byte, keeps a table of the lines and copies the
/// head into the arena, where Kestrel's parser calls back with spans of the buffer and keeps nothing. Sixteen heads share a reset of
/// the arena, which is in the figure.
/// </summary>
[MemoryDiagnoser, Config(typeof(SharedMachine))]
public class HeadParserBenchmarks
{
    private const int Heads = 16;

    private static readonly HeaderLimits s_limits = new(8192, 32768, 100);

    private readonly ProcessArena _process = new(new() { Capacity = 16 << 20, Reclamation = ArenaReclamation.PerRequest });
    private readonly HeaderTable _table = new();
    private readonly HeaderParser _parser = new(s_limits);
    private readonly HeaderParser _plainParser = new(s_limits, useScanner: false);
    private readonly HttpParser<KestrelHandler> _kestrel = new();
    private readonly Arena _arena;
    private readonly KestrelHandler _handler = new();
    private byte[] _head = [];

    public HeadParserBenchmarks() => _arena = _process.CreateArena();

    [Params("chromium-navigate", "chromium-via-nginx", "curl-api-bearer", "wrk")]
    public string Head { get; set; } = "";

    [GlobalSetup]
    public void Read() => _head = RealHead.Read(Head);

    [Benchmark(Description = "OneShot: validated, tabled, copied", OperationsPerInvoke = Heads)]
    public int OneShot() => Parse(_parser);

    [Benchmark(Description = "OneShot, byte-wise reference", OperationsPerInvoke = Heads)]
    public int Plain() => Parse(_plainParser);

    [Benchmark(Baseline = true, Description = "Kestrel's HttpParser: nothing kept", OperationsPerInvoke = Heads)]
    public int Kestrel()
    {
        for (int i = 0; i < Heads; i++)
        {
            var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(_head));
            if (!_kestrel.ParseRequestLine(_handler, ref reader) || !_kestrel.ParseHeaders(_handler, ref reader))
            {
                throw new InvalidOperationException("The head is complete.");
            }
        }

        return _handler.Seen;
    }

    private int Parse(HeaderParser parser)
    {
        int seen = 0;
        for (int i = 0; i < Heads; i++)
        {
            parser.Reset();
            _table.Clear();
            if (parser.Parse(_head, _table) != HeaderParseResult.Done)
            {
                throw new InvalidOperationException("The head is complete.");
            }

            _table.Commit(_arena, _head.AsSpan(0, parser.HeadLength));
            seen += _table.Count;
        }

        _arena.Reset();
        return seen;
    }

    private sealed class KestrelHandler : IHttpRequestLineHandler, IHttpHeadersHandler
    {
        public int Seen { get; private set; }

        public void OnStartLine(HttpVersionAndMethod versionAndMethod, TargetOffsetPathLength targetPath, Span<byte> startLine) => Seen++;

        public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Seen++;

        public void OnHeadersComplete(bool endStream)
        {
        }

        public void OnStaticIndexedHeader(int index)
        {
        }

        public void OnStaticIndexedHeader(int index, ReadOnlySpan<byte> value)
        {
        }
    }
}
