using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Wire;

namespace OneShot.Benchmarks.Headers;

/// <summary>One value by its name, among sixteen headers.</summary>
[MemoryDiagnoser, Config(typeof(SharedMachine))]
public class HeaderLookupBenchmarks
{
    private readonly ProcessArena _process = new(new() { Capacity = 1 << 20 });
    private readonly HeaderTable _table = new();
    private readonly ArenaHeaderDictionary _dictionary;
    private readonly HeaderDictionary _frameworkDictionary = new();

    public HeaderLookupBenchmarks()
    {
        string text = Encoding.ASCII.GetString(RealHead.Read("chromium-navigate"));
        byte[] head = Encoding.ASCII.GetBytes(text.Replace("\r\n\r\n", "\r\nX-Correlation: 17\r\nX-Tenant-Name: blue\r\n\r\n", StringComparison.Ordinal));
        var parser = new HeaderParser(new HeaderLimits(8192, 32768, 100));
        Arena arena = _process.CreateArena();
        _table.Clear();
        parser.Parse(head, _table);
        _table.Commit(arena, head.AsSpan(0, parser.HeadLength));
        _dictionary = new ArenaHeaderDictionary(_table, HeaderDecoder.Default, new HeaderStringCache());
        foreach ((string name, StringValues value) in _dictionary)
        {
            _frameworkDictionary[name] = value;
        }
    }

    [Benchmark(Description = "span, known")]
    public int Known() => _table.Spans["user-agent"u8].Length;

    [Benchmark(Description = "span, unknown, the last of them")]
    public int Unknown() => _table.Spans["x-tenant-name"u8].Length;

    [Benchmark(Description = "span, unknown, absent")]
    public int Absent() => _table.Spans["x-api-key"u8].Length;

    [Benchmark(Description = "string, known, made before")]
    public int KnownString() => _dictionary["User-Agent"].Count;

    [Benchmark(Description = "string, unknown, made before")]
    public int UnknownString() => _dictionary["X-Tenant-Name"].Count;

    [Benchmark(Baseline = true, Description = "the framework's HeaderDictionary")]
    public int Framework() => _frameworkDictionary["User-Agent"].Count;
}
