using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Wire;

namespace OneShot.Fuzzing.Targets;

/// <summary>
/// A chunked body with its trailers. Whatever the bytes: the outcome does not depend on how they arrive, the data is a part of the
/// input, and the body is what <see cref="ReferenceChunks"/> reads, to the byte.
/// </summary>
internal sealed class ChunkFuzz
{
    private static readonly HeaderLimits s_limits = new(8192, 2048, 20);

    [ThreadStatic]
    private static ChunkFuzz? s_instance;

    private readonly GuardedMemory _memory = new(FuzzTarget.LongestInput);
    private readonly Splits _splits = new();
    private readonly Transcript _expected = new();
    private readonly Transcript _found = new();
    private readonly byte[] _body = new byte[FuzzTarget.LongestInput];
    private int _bodyLength;
    private int _consumed;

    /// <exception cref="Violation">A promise was broken.</exception>
    public static void Run(ReadOnlySpan<byte> input) => (s_instance ??= new ChunkFuzz()).Check(input);

    private void Check(ReadOnlySpan<byte> input)
    {
        var reader = new ChunkReader(s_limits);
        Read(reader, input, _splits.Fine(input.Length), atStart: false, _expected);
        Read(reader, input, _splits.Random(input), atStart: false, _found);
        _expected.MustEqual(_found, "In pieces it reads the same");
        Read(reader, input, _splits.Whole(input.Length), atStart: true, _found);
        _expected.MustEqual(_found, "At the start of memory it reads the same");
        Read(reader, input, _splits.Whole(input.Length), atStart: false, _found);
        _expected.MustEqual(_found, "Whole it reads the same");

        CheckAgainst(ReferenceChunks.Read(input, s_limits), reader);
        if (reader.IsDone)
        {
            CheckSaidAgain(input[.._consumed]);
        }

        reader.End();
    }

    private void Read(ChunkReader reader, ReadOnlySpan<byte> input, IReadOnlyList<int> ends, bool atStart, Transcript transcript)
    {
        reader.Begin();
        _bodyLength = 0;
        _consumed = 0;
        for (int i = 0; i < ends.Count && !reader.IsDone && reader.Rejection == RequestRejection.None; i++)
        {
            ReadOnlySpan<byte> piece = input[_consumed..ends[i]];
            ReadPiece(reader, atStart ? _memory.PlaceAtStart(piece) : _memory.Place(piece));
        }

        Tell(reader, transcript);
    }

    private void ReadPiece(ChunkReader reader, ReadOnlySpan<byte> piece)
    {
        while (true)
        {
            ChunkResult result = reader.Read(piece, out int consumed, out ReadOnlySpan<byte> data);
            Violation.Unless(consumed >= 0 && consumed <= piece.Length, "No more is consumed than there is");
            Violation.Unless(result == ChunkResult.Data ? !data.IsEmpty : data.IsEmpty, "There is data when it says so, and only then");
            Violation.Unless(
                data.IsEmpty || (piece[..consumed].Overlaps(data, out int start) && start + data.Length == consumed), "Data is a part of the input, up to what was consumed");
            Violation.Unless(result != ChunkResult.NeedMore || consumed == piece.Length, "More is asked for when all is consumed");
            Violation.Unless(reader.RemainingInChunk >= 0, "A chunk does not have less than nothing left");
            if (result == ChunkResult.Rejected)
            {
                return;
            }

            data.CopyTo(_body.AsSpan(_bodyLength));
            _bodyLength += data.Length;
            _consumed += consumed;
            piece = piece[consumed..];
            if (result != ChunkResult.Data)
            {
                return;
            }
        }
    }

    private void Tell(ChunkReader reader, Transcript transcript)
    {
        transcript.Clear();
        transcript.Add((long)reader.Rejection);
        transcript.Add(reader.IsDone ? 1 : 0);
        transcript.Add(_body.AsSpan(0, _bodyLength));
        if (reader.Rejection != RequestRejection.None)
        {
            return;
        }

        transcript.Add(_consumed);
        transcript.Add(reader.RemainingInChunk);
        transcript.Add(reader.TrailerBytes);
        foreach ((ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) in reader.Trailers.Spans)
        {
            transcript.Add(name);
            transcript.Add(value);
        }
    }

    private void CheckAgainst(ReferenceChunks reference, ChunkReader reader)
    {
        ReadOnlySpan<byte> body = _body.AsSpan(0, _bodyLength);
        Violation.Unless(reference.Body.AsSpan().StartsWith(body), "Data is what the reference reads");
        if (!reader.IsDone)
        {
            bool tooMuch = reader.Rejection == RequestRejection.ChunkExtensionsTooLarge;
            Violation.Unless(tooMuch || !reference.IsDone, "A body that the reference reads to its end is read to its end");
            Violation.Unless(tooMuch || reference.IsMalformed == (reader.Rejection != RequestRejection.None), "What the reference refuses is refused, and nothing else");
            return;
        }

        Violation.Unless(reference.IsDone && reference.Consumed == _consumed, "A body ends where the reference ends it");
        Violation.Unless(reference.Body.Length == _bodyLength, "A body has the length that the reference gives it");
        Violation.Unless(reference.Trailers.SequenceEqual(Trailers(reader)), "Trailers are those that the reference reads");
    }

    /// <summary>The same body, cut into other chunks, is the same body.</summary>
    private void CheckSaidAgain(ReadOnlySpan<byte> input)
    {
        byte[] body = _body[.._bodyLength];
        byte[] wire = ReferenceChunks.Write(body, ReferenceChunks.Read(input, s_limits).Trailers);
        var again = new ChunkReader(s_limits);
        Read(again, wire, _splits.Whole(wire.Length), atStart: false, _found);
        Violation.Unless(again.IsDone && _consumed == wire.Length && _body.AsSpan(0, _bodyLength).SequenceEqual(body), "What was read is read the same when it is sent again");
    }

    private static List<(string, string)> Trailers(ChunkReader reader)
    {
        var trailers = new List<(string, string)>();
        foreach ((ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) in reader.Trailers.Spans)
        {
            trailers.Add((System.Text.Encoding.Latin1.GetString(name), System.Text.Encoding.Latin1.GetString(value)));
        }

        return trailers;
    }
}
