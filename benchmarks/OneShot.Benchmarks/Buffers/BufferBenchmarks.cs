using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;

namespace OneShot.Benchmarks.Buffers;

/// <summary>Handles over arena memory beside what one writes without an arena: nanoseconds and managed bytes of one operation.</summary>
[MemoryDiagnoser, Config(typeof(SharedMachine))]
public class BufferBenchmarks
{
    private const int Operations = 500;

    private readonly ProcessArena _process = new(new() { Capacity = 64L << 20, Reclamation = ArenaReclamation.PerRequest });
    private readonly byte[] _chunk = new byte[16];
    private readonly Guid _guid = Guid.NewGuid();
    private readonly CultureInfo _culture = CultureInfo.InvariantCulture;
    private Arena _arena = null!;
    private ArenaBufferWriter _writer = null!;
    private Utf8JsonWriter _json = null!;

    [GlobalSetup]
    public void Setup()
    {
        _arena = _process.CreateArena();
        _writer = _arena.CreateWriter();
        _json = new Utf8JsonWriter(_writer);
    }

    [Benchmark(Description = "AllocateMemory(64).Span", OperationsPerInvoke = Operations)]
    public int AllocateMemory()
    {
        int sum = 0;
        for (int turn = 0; turn < Operations; turn++)
        {
            sum += _arena.AllocateMemory(64).Span.Length;
        }

        _arena.Reset();
        return sum;
    }

    [Benchmark(Description = "new byte[64].AsMemory().Span", OperationsPerInvoke = Operations)]
    public int NewMemory()
    {
        int sum = 0;
        for (int turn = 0; turn < Operations; turn++)
        {
            sum += new byte[64].AsMemory().Span.Length;
        }

        return sum;
    }

    [Benchmark(Description = "ArenaList<int>.Add", OperationsPerInvoke = Operations)]
    public int ArenaList()
    {
        ArenaList<int> list = _arena.CreateList<int>();
        for (int item = 0; item < Operations; item++)
        {
            list.Add(item);
        }

        int count = list.Count;
        _arena.Reset();
        return count;
    }

    [Benchmark(Description = "List<int>.Add", OperationsPerInvoke = Operations)]
    public int List()
    {
        var list = new List<int>();
        for (int item = 0; item < Operations; item++)
        {
            list.Add(item);
        }

        return list.Count;
    }

    [Benchmark(Description = "ArenaBufferWriter.Write(16 bytes)", OperationsPerInvoke = Operations)]
    public int ArenaWriter()
    {
        _writer.Reset();
        for (int turn = 0; turn < Operations; turn++)
        {
            _writer.Write(_chunk);
        }

        int count = _writer.WrittenCount;
        _arena.Reset();
        return count;
    }

    [Benchmark(Description = "new ArrayBufferWriter<byte>().Write(16 bytes)", OperationsPerInvoke = Operations)]
    public int ArrayWriter()
    {
        var writer = new ArrayBufferWriter<byte>();
        for (int turn = 0; turn < Operations; turn++)
        {
            writer.Write(_chunk);
        }

        return writer.WrittenCount;
    }

    [Benchmark(Description = "Utf8JsonWriter over the arena, an object", OperationsPerInvoke = Operations)]
    public int ArenaJson()
    {
        _writer.Reset();
        _json.Reset(_writer);
        WriteJson();
        int count = _writer.WrittenCount;
        _arena.Reset();
        return count;
    }

    [Benchmark(Description = "Utf8JsonWriter over new ArrayBufferWriter<byte>(), an object", OperationsPerInvoke = Operations)]
    public int ArrayJson()
    {
        var writer = new ArrayBufferWriter<byte>();
        _json.Reset(writer);
        WriteJson();
        return writer.WrittenCount;
    }

    [Benchmark(Description = "arena.Utf8($\"id={int:x} on {int} {guid}\\n\")", OperationsPerInvoke = Operations)]
    public int ArenaUtf8()
    {
        int sum = 0;
        for (int turn = 0; turn < Operations; turn++)
        {
            sum += _arena.Utf8(_culture, $"id={turn:x} on {Operations} {_guid}\n").Length;
        }

        _arena.Reset();
        return sum;
    }

    [Benchmark(Description = "Encoding.UTF8.GetBytes($\"...\")", OperationsPerInvoke = Operations)]
    public int StringToUtf8()
    {
        int sum = 0;
        for (int turn = 0; turn < Operations; turn++)
        {
            sum += Encoding.UTF8.GetBytes(string.Create(_culture, $"id={turn:x} on {Operations} {_guid}\n")).Length;
        }

        return sum;
    }

    [Benchmark(Description = "arena.Utf16($\"...\")", OperationsPerInvoke = Operations)]
    public int ArenaUtf16()
    {
        int sum = 0;
        for (int turn = 0; turn < Operations; turn++)
        {
            sum += _arena.Utf16(_culture, $"id={turn:x} on {Operations} {_guid}\n").Length;
        }

        _arena.Reset();
        return sum;
    }

    [Benchmark(Description = "string $\"...\"", OperationsPerInvoke = Operations)]
    public int InterpolatedString()
    {
        int sum = 0;
        for (int turn = 0; turn < Operations; turn++)
        {
            sum += string.Create(_culture, $"id={turn:x} on {Operations} {_guid}\n").Length;
        }

        return sum;
    }

    private void WriteJson()
    {
        _json.WriteStartArray();
        for (int turn = 0; turn < Operations; turn++)
        {
            _json.WriteStartObject();
            _json.WriteNumber("id"u8, turn);
            _json.WriteString("name"u8, "value"u8);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
        _json.Flush();
    }
}
