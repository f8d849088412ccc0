using System.Text;
using OneShot.AspNetCore.Wire;

namespace OneShot.Fuzzing.Targets;

/// <summary>
/// A request head: parser, framing, target and Host. Whatever the bytes: the scanner and the plain parser agree, the outcome does
/// not depend on how the bytes arrive, nothing outside them is read, and what is accepted says the same when it is said again.
/// </summary>
internal sealed class HeadFuzz
{
    private static readonly HeaderLimits s_usual = new(8192, 32768, 100);
    private static readonly HeaderLimits s_tight = new(40, 300, 8);

    [ThreadStatic]
    private static HeadFuzz? s_instance;

    private readonly ProcessArena _process = new(new ProcessArenaOptions { Capacity = 16 << 20, Reclamation = ArenaReclamation.PerRequest });
    private readonly Arena _arena;
    private readonly GuardedMemory _memory = new(FuzzTarget.LongestInput);
    private readonly HeaderTable _table = new();
    private readonly Splits _splits = new();
    private readonly Transcript _expected = new();
    private readonly Transcript _found = new();
    private readonly byte[] _canonical = new byte[FuzzTarget.LongestInput];

    private HeadFuzz() => _arena = _process.CreateArena();

    /// <exception cref="Violation">A promise was broken.</exception>
    public static void Run(ReadOnlySpan<byte> input)
    {
        HeadFuzz fuzz = s_instance ??= new HeadFuzz();
        fuzz.Check(input, s_usual);
        fuzz.Check(input, s_tight);
    }

    private void Check(ReadOnlySpan<byte> input, HeaderLimits limits)
    {
        // Fresh ones: what a scanner remembers of earlier heads must not be needed to see a finding again.
        var parser = new HeaderParser(limits);
        var plain = new HeaderParser(limits, useScanner: false);
        HeaderParseResult result = Parse(plain, input, _splits.Whole(input.Length), _expected);
        Parse(parser, input, _splits.Whole(input.Length), _found);
        _expected.MustEqual(_found, "The scanner says what the plain parser says");
        Parse(parser, input, _splits.Fine(input.Length), _found);
        _expected.MustEqual(_found, "Byte by byte the scanner says the same");
        Parse(plain, input, _splits.Fine(input.Length), _found);
        _expected.MustEqual(_found, "Byte by byte the plain parser says the same");
        Parse(parser, input, _splits.Random(input), _found);
        _expected.MustEqual(_found, "In pieces the scanner says the same");
        ParseBehindGuard(parser, input);
        _expected.MustEqual(_found, "At the start of memory the scanner says the same");

        if (result == HeaderParseResult.Done)
        {
            HeadRules.CheckAccepted(parser, _table, input, limits);
            CheckSaidAgain(parser, limits);
        }
    }

    private HeaderParseResult Parse(HeaderParser parser, ReadOnlySpan<byte> input, IReadOnlyList<int> ends, Transcript transcript)
    {
        Begin(parser);
        ReadOnlySpan<byte> buffer = default;
        HeaderParseResult result = HeaderParseResult.NeedMore;
        for (int i = 0; i < ends.Count && result == HeaderParseResult.NeedMore; i++)
        {
            buffer = _memory.Place(input[..ends[i]]);
            result = parser.Parse(buffer, _table);
        }

        Tell(result, parser, buffer, transcript);
        return result;
    }

    private void ParseBehindGuard(HeaderParser parser, ReadOnlySpan<byte> input)
    {
        Begin(parser);
        ReadOnlySpan<byte> buffer = _memory.PlaceAtStart(input);
        Tell(parser.Parse(buffer, _table), parser, buffer, _found);
    }

    private void Begin(HeaderParser parser)
    {
        _arena.Reset();
        _table.Clear();
        parser.Reset();
    }

    private void Tell(HeaderParseResult result, HeaderParser parser, ReadOnlySpan<byte> buffer, Transcript transcript)
    {
        transcript.Clear();
        transcript.Add((long)result);
        transcript.Add((long)parser.Rejection);
        if (result == HeaderParseResult.NeedMore)
        {
            transcript.Add(parser.HasBegun ? 1 : 0);
        }

        if (result != HeaderParseResult.Done)
        {
            return;
        }

        Violation.Unless(parser.HeadLength <= buffer.Length, "A head is not longer than the bytes there are");
        _table.Commit(_arena, buffer[..parser.HeadLength]);
        RequestLine line = parser.RequestLine;
        transcript.Add(parser.HeadLength);
        transcript.Add((long)line.Method);
        transcript.Add((long)line.Version);
        transcript.Add(line.MethodOffset);
        transcript.Add(line.MethodLength);
        transcript.Add(line.TargetOffset);
        transcript.Add(line.TargetLength);
        transcript.Add(_table.HasNonAscii ? 1 : 0);
        for (int i = 0; i < _table.Count; i++)
        {
            HeaderEntry entry = _table.Entries[i];
            transcript.Add(entry.NameOffset);
            transcript.Add(entry.NameLength);
            transcript.Add((long)entry.Known);
            transcript.Add(entry.ValueOffset);
            transcript.Add(entry.ValueLength);
            transcript.Add(entry.HasNonAscii ? 1 : 0);
        }
    }

    /// <summary>The head made anew from its parts parses to the same parts.</summary>
    private void CheckSaidAgain(HeaderParser parser, HeaderLimits limits)
    {
        HeadContents contents = HeadContents.Of(parser.RequestLine, _table);
        int length = Encoding.Latin1.GetBytes(contents.ToHead(), _canonical);
        var again = new HeaderParser(limits);
        Begin(again);
        ReadOnlySpan<byte> buffer = _memory.Place(_canonical.AsSpan(0, length));
        Violation.Unless(again.Parse(buffer, _table) == HeaderParseResult.Done && again.HeadLength == length, "What was accepted is accepted when it is said again");
        _table.Commit(_arena, buffer);
        Violation.Unless(contents.Equals(HeadContents.Of(again.RequestLine, _table)), "What was accepted says the same when it is said again");
    }
}
