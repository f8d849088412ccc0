using System.Text;
using LogParser;

namespace OneShot.Tests.Samples;

public class LogParserTests
{
    private const int Bytes = 1 << 20;

    [Fact]
    public void Both_parsers_answer_the_same_and_only_one_makes_garbage()
    {
        using var log = new MemoryStream();
        int lines = LogGenerator.Write(log, Bytes);
        Summary ofHeap = Parse(log, Comparison.ParseIntoHeap, out long heap);
        Summary ofArena = Parse(log, stream => Comparison.ParseIntoArena(stream, Bytes, out _), out long arena);
        Assert.Equal(ofHeap, ofArena);
        Assert.Equal(lines, ofArena.Lines);
        Assert.InRange(ofArena.Paths, 1000, 5000);
        Assert.Equal(500 * Summary.RecentErrorsKept, ofArena.RecentErrors);
        Assert.InRange(heap, 2 * Bytes, 20 * Bytes);
        Assert.InRange(arena, 0, Bytes / 4); // the reader's buffer, and the arena's own objects
    }

    [Fact]
    public void The_log_of_a_size_is_always_the_same()
    {
        using var first = new MemoryStream();
        using var second = new MemoryStream();
        LogGenerator.Write(first, 10_000);
        LogGenerator.Write(second, 10_000);
        Assert.Equal(first.ToArray(), second.ToArray());
        Assert.InRange(first.Length, 10_000, 10_500);
        Assert.StartsWith("{\"time\":\"2026-01-01T00:00:00.", Encoding.UTF8.GetString(first.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_are_read_whole_whatever_their_length()
    {
        string[] lines = ["", "a", new string('b', 200_000), "", new string('c', 65_536), "no end"];
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        var reader = new LineReader(stream);
        foreach (string line in lines)
        {
            Assert.True(reader.TryRead(out ReadOnlySpan<byte> read));
            Assert.Equal(line, Encoding.UTF8.GetString(read));
        }

        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public void A_line_is_taken_apart()
    {
        byte[] line = Encoding.UTF8.GetBytes("""{"other":{"level":"x"},"level":"in\u0066o","tags":["a","bc"],"message":"say \"no\"","ms":1.5,"status":200,"time":"2026-01-01T00:00:00.000Z"}""");
        LogLine parsed = LogLine.Parse(line, new byte[line.Length]);
        Assert.Equal("info", Encoding.UTF8.GetString(parsed.Level));
        Assert.Equal("say \"no\"", Encoding.UTF8.GetString(parsed.Message));
        Assert.Equal((1.5, 200, 2026), (parsed.Milliseconds, parsed.Status, parsed.Time.Year));
        ReadOnlySpan<byte> tags = parsed.Tags;
        Assert.True(LogLine.TryReadTag(ref tags, out ReadOnlySpan<byte> tag));
        Assert.Equal("a", Encoding.UTF8.GetString(tag));
        Assert.True(LogLine.TryReadTag(ref tags, out tag));
        Assert.Equal("bc", Encoding.UTF8.GetString(tag));
        Assert.False(LogLine.TryReadTag(ref tags, out _));
    }

    private static Summary Parse(MemoryStream log, Func<Stream, Summary> parser, out long bytes)
    {
        bytes = long.MaxValue;
        Summary summary = default;
        for (int turn = 0; turn < 2; turn++)
        {
            log.Position = 0;
            long before = GC.GetAllocatedBytesForCurrentThread();
            summary = parser(log);
            bytes = Math.Min(bytes, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return summary;
    }
}
