using System.Text;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire;

/// <summary>A well-formed head in its arena, as the rest of the server gets it.</summary>
internal sealed class ParsedRequest : IDisposable
{
    private readonly ProcessArena _process = new(new ProcessArenaOptions { Capacity = 1 << 20 });
    private readonly HeaderParser _parser = new(HeadParsing.DefaultLimits);

    public ParsedRequest(string head)
        : this(Encoding.Latin1.GetBytes(head))
    {
    }

    public ParsedRequest(byte[] head)
    {
        Arena = _process.CreateArena();
        Parse(head);
    }

    public Arena Arena { get; }

    public HeaderTable Table { get; } = new();

    public RequestLine Line => _parser.RequestLine;

    public static ParsedRequest WithHeaders(string lines) => new($"GET / HTTP/1.1\r\n{lines}\r\n");

    public void Parse(byte[] head)
    {
        Arena.Reset();
        Table.Clear();
        _parser.Reset();
        Assert.Equal(HeaderParseResult.Done, _parser.Parse(head, Table));
        Table.Commit(Arena, head.AsSpan(0, _parser.HeadLength), _parser.RequestLine);
    }

    public void Dispose()
    {
        Arena.Dispose();
        _process.Dispose();
    }
}
