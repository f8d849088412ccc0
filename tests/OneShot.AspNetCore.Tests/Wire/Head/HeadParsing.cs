using System.Text;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire;

/// <summary>Runs one literal through the parser in every way it can arrive, and insists on one outcome.</summary>
internal sealed class HeadParsing : IDisposable
{
    public static readonly HeaderLimits DefaultLimits = new(8192, 32768, 100);

    private readonly ProcessArena _process = new(new ProcessArenaOptions { Capacity = 16 << 20, Reclamation = ArenaReclamation.PerRequest });
    private readonly Arena _arena;
    private readonly GuardedMemory _memory = new(256 * 1024);
    private readonly HeaderTable _table = new();
    private readonly HeaderParser _parser;
    private readonly HeaderParser _plainParser;

    public HeadParsing(HeaderLimits limits)
    {
        _arena = _process.CreateArena();
        _parser = new HeaderParser(limits);
        _plainParser = new HeaderParser(limits, useScanner: false);
    }

    /// <summary>Whole, byte by byte, and at every two-way split, always right before a guard page.</summary>
    public static ParsedHead Parse(string head, HeaderLimits? limits = null) => Parse(Encoding.Latin1.GetBytes(head), limits);

    /// <inheritdoc cref="Parse(string, HeaderLimits?)"/>
    public static ParsedHead Parse(byte[] head, HeaderLimits? limits = null)
    {
        using var parsing = new HeadParsing(limits ?? DefaultLimits);
        ParsedHead whole = parsing.ParseIn(head, [head.Length]);
        Assert.Equal(whole, parsing.ParsePlainly(head));
        Assert.Equal(whole, parsing.ParseIn(head, Enumerable.Range(1, head.Length)));

        // Long heads take every split near their ends, and a sample of those between.
        for (int split = 1; split < head.Length; split += split > 1000 && head.Length - split > 100 ? 97 : 1)
        {
            Assert.Equal(whole, parsing.ParseIn(head, [split, head.Length]));
        }

        return whole;
    }

    /// <summary>Shows the parser longer and longer prefixes.</summary>
    public ParsedHead ParseIn(byte[] head, IEnumerable<int> lengths) => ParseWith(_parser, head, lengths);

    /// <summary>The same head, whole, by the reference that reads byte by byte.</summary>
    public ParsedHead ParsePlainly(byte[] head) => ParseWith(_plainParser, head, [head.Length]);

    public void Dispose()
    {
        _memory.Dispose();
        _arena.Dispose();
        _process.Dispose();
    }

    private ParsedHead ParseWith(HeaderParser parser, byte[] head, IEnumerable<int> lengths)
    {
        _arena.Reset();
        _table.Clear();
        parser.Reset();
        ReadOnlySpan<byte> buffer = default;
        HeaderParseResult result = HeaderParseResult.NeedMore;
        foreach (int length in lengths)
        {
            buffer = _memory.Place(head.AsSpan(0, length));
            result = parser.Parse(buffer, _table);
            if (result != HeaderParseResult.NeedMore)
            {
                break;
            }
        }

        return ParsedHead.From(result, parser, _table, _arena, buffer);
    }
}
