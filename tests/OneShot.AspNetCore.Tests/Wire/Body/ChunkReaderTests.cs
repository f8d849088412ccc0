using System.Text;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Wire;
using static OneShot.AspNetCore.Wire.RequestRejection;

namespace OneShot.AspNetCore.Tests.Wire;

public class ChunkReaderTests
{
    [Theory]
    [InlineData("0\r\n\r\n", "")]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", "hello")]
    [InlineData("1\r\na\r\n0002\r\nbc\r\n00\r\n\r\n", "abc")]
    [InlineData("a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n", "01234567890123456789a")]
    [InlineData("0000000000000001\r\na\r\n0000000000000000\r\n\r\n", "a")]
    [InlineData("2\r\n\r\n\r\n0\r\n\r\n", "\r\n")]
    [InlineData("1;a\r\nx\r\n0;b=c\r\n\r\n", "x")]
    [InlineData("1 ; a = b ;\tc=\"d;\\\"\\\\ \u00E9\t\" ; e\r\nx\r\n0\r\n\r\n", "x")]
    [InlineData("1;a=\"\"\r\nx\r\n0\r\n\r\n", "x")]
    public void Data_is_told_from_framing_however_it_arrives(string wire, string body)
    {
        ChunkRun run = ChunkRun.Read(wire);
        Assert.Equal((None, body, wire.Length), (run.Rejection, run.Body, run.Consumed));
        Assert.Equal(run, ChunkRun.Read(wire + "GET / HTTP/1.1\r\n"));
    }

    [Theory]
    [InlineData("\r\n", InvalidChunkSize)]
    [InlineData("x\r\n", InvalidChunkSize)]
    [InlineData(" 1\r\n", InvalidChunkSize)]
    [InlineData("-1\r\n", InvalidChunkSize)]
    [InlineData("+1\r\n", InvalidChunkSize)]
    [InlineData(";a\r\n", InvalidChunkSize)]
    [InlineData("0x1\r\n", InvalidChunkSize)]
    [InlineData("1g\r\n", InvalidChunkSize)]
    [InlineData("1 \r\n", InvalidChunkSize)]
    [InlineData("1\t\r\n", InvalidChunkSize)]
    [InlineData("1 1\r\n", InvalidChunkSize)]
    [InlineData("1_0\r\n", InvalidChunkSize)]
    [InlineData("1\u0000\r\n", InvalidChunkSize)]
    [InlineData("8000000000000000\r\n", ChunkSizeOverflow)]
    [InlineData("FFFFFFFFFFFFFFFF\r\n", ChunkSizeOverflow)]
    [InlineData("00000000000000001\r\n", ChunkSizeOverflow)]
    [InlineData("1\n", BareLineFeed)]
    [InlineData("1\rx", BareCarriageReturn)]
    [InlineData("1;a\n", BareLineFeed)]
    [InlineData("1;\r\n", InvalidChunkExtension)]
    [InlineData("1;;\r\n", InvalidChunkExtension)]
    [InlineData("1;=a\r\n", InvalidChunkExtension)]
    [InlineData("1;a=\r\n", InvalidChunkExtension)]
    [InlineData("1;a \r\n", InvalidChunkExtension)]
    [InlineData("1;a=b \r\n", InvalidChunkSize)]
    [InlineData("1;a=b c\r\n", InvalidChunkSize)]
    [InlineData("1;a b\r\n", InvalidChunkExtension)]
    [InlineData("1;a=\"b\r\n", InvalidChunkExtension)]
    [InlineData("1;a=\"b\\\r\n", InvalidChunkExtension)]
    [InlineData("1;a=\"b\"c\r\n", InvalidChunkExtension)]
    [InlineData("1;a=\u0001\r\n", InvalidChunkExtension)]
    [InlineData("1;a=\"\u0001\"\r\n", InvalidChunkExtension)]
    [InlineData("1;a=\"\u007F\"\r\n", InvalidChunkExtension)]
    [InlineData("1;\u00E9\r\n", InvalidChunkExtension)]
    [InlineData("1\r\nab", ChunkNotTerminated)]
    [InlineData("1\r\na\n", ChunkNotTerminated)]
    [InlineData("1\r\na\rb", ChunkNotTerminated)]
    [InlineData("0\r\n\n", BareLineFeed)]
    [InlineData("0\r\n\rx", BareCarriageReturn)]
    [InlineData("0\r\nabc\r\n", MissingColon)]
    [InlineData("0\r\na : b\r\n", WhitespaceBeforeColon)]
    [InlineData("0\r\n a: b\r\n", LineFolding)]
    [InlineData("0\r\na: \u0000\r\n", ControlCharacterInValue)]
    [InlineData("0\r\nContent-Length: 1\r\n\r\n", ForbiddenTrailer)]
    [InlineData("0\r\na: b\r\ntransfer-encoding: chunked\r\n\r\n", ForbiddenTrailer)]
    [InlineData("0\r\nHost: a\r\n\r\n", ForbiddenTrailer)]
    [InlineData("0\r\nAuthorization: a\r\n\r\n", ForbiddenTrailer)]
    internal void Malformed_chunks_are_refused(string wire, RequestRejection expected)
    {
        Assert.Equal(expected, ChunkRun.Read(wire).Rejection);
        Assert.Equal(expected, ChunkRun.Read(wire + "0\r\n\r\n").Rejection);
        if (!wire.StartsWith('0'))
        {
            Assert.Equal(expected, ChunkRun.Read("3\r\nabc\r\n" + wire).Rejection);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5\r")]
    [InlineData("5\r\n")]
    [InlineData("5\r\nhell")]
    [InlineData("5\r\nhello")]
    [InlineData("5\r\nhello\r")]
    [InlineData("5\r\nhello\r\n")]
    [InlineData("5\r\nhello\r\n0\r\n")]
    [InlineData("5\r\nhello\r\n0\r\n\r")]
    [InlineData("5\r\nhello\r\n0\r\na: b\r\n")]
    [InlineData("7FFFFFFFFFFFFFFF\r\n")]
    public void A_body_that_has_not_ended_is_waited_for(string wire)
    {
        ChunkRun run = ChunkRun.Read(wire);
        Assert.Equal((None, false, wire.Length), (run.Rejection, run.IsDone, run.Consumed));
    }

    [Fact]
    public void Trailers_are_headers_kept_apart()
    {
        const string Wire = "1\r\na\r\n0\r\nX-Sum: 1\r\nx-sum:2 \r\nETag: \"x\"\r\n\r\n";
        ChunkRun run = ChunkRun.Read(Wire + "GET ");
        Assert.Equal((None, "a", Wire.Length), (run.Rejection, run.Body, run.Consumed));
        Assert.Equal("X-Sum=1;x-sum=2;ETag=\"x\";", run.Trailers);
    }

    [Fact]
    public void Trailers_have_the_limits_of_headers()
    {
        var limits = new HeaderLimits(8192, 20, 2);
        Assert.Equal(None, ChunkRun.Read("0\r\na: 3456789012345\r\n\r\n", limits).Rejection);
        Assert.Equal(HeadersTooLarge, ChunkRun.Read("0\r\na: 34567890123456\r\n\r\n", limits).Rejection);
        Assert.Equal(HeadersTooLarge, ChunkRun.Read("0\r\na: " + new string('x', 500), limits).Rejection);
        Assert.Equal(None, ChunkRun.Read("0\r\na: 1\r\nb: 2\r\n\r\n", limits).Rejection);
        Assert.Equal(TooManyHeaders, ChunkRun.Read("0\r\na:1\r\nb:2\r\nc:3\r\n\r\n", limits).Rejection);
    }

    [Fact]
    public void Extensions_must_be_in_proportion_to_the_data()
    {
        string extension = ";signature=" + new string('f', 85);
        Assert.Equal(None, ChunkRun.Read(string.Concat(Enumerable.Repeat($"400{extension}\r\n{new string('x', 1024)}\r\n", 100)) + "0\r\n\r\n", everySplit: false).Rejection);
        Assert.Equal(ChunkExtensionsTooLarge, ChunkRun.Read(string.Concat(Enumerable.Repeat($"1{extension}\r\nx\r\n", 1000)), everySplit: false).Rejection);
        Assert.Equal(ChunkExtensionsTooLarge, ChunkRun.Read("1;" + new string('a', 20_000), everySplit: false).Rejection);
    }

    [Fact]
    public void Without_trailers_the_body_ends_with_an_empty_line()
    {
        var reader = new ChunkReader(HeadParsing.DefaultLimits);
        reader.Begin();
        Assert.Equal(ChunkResult.Data, reader.Read("1\r\na\r\n0\r\n\r\n"u8, out int consumed, out _));
        Assert.Equal(ChunkResult.Done, reader.Read("\r\n0\r\n\r\n"u8, out _, out _));
        Assert.Equal((0, 4), (reader.Trailers.Count, consumed));
    }

    [Fact]
    public void A_reader_serves_one_body_after_another()
    {
        var reader = new ChunkReader(HeadParsing.DefaultLimits);
        for (int i = 0; i < 3; i++)
        {
            reader.Begin();
            Assert.Equal(ChunkResult.Done, reader.Read("0\r\nx: y\r\n\r\n"u8, out int consumed, out _));
            Assert.Equal((11, 1, true), (consumed, reader.Trailers.Count, reader.IsDone));
            reader.Begin();
            Assert.Equal(ChunkResult.Rejected, reader.Read("z"u8, out _, out _));
        }
    }

    /// <summary>The sum of what a reader said, whole, byte by byte and at every two-way split.</summary>
    private sealed record ChunkRun(RequestRejection Rejection, bool IsDone, string Body, int Consumed, string Trailers)
    {
        public static ChunkRun Read(string wire, HeaderLimits? limits = null, bool everySplit = true)
        {
            byte[] bytes = Encoding.Latin1.GetBytes(wire);
            using var memory = new GuardedMemory(bytes.Length + 1);
            ChunkRun whole = ReadPieces(bytes, [bytes.Length], limits, memory);
            Assert.Equal(whole, ReadPieces(bytes, Enumerable.Range(1, bytes.Length), limits, memory));
            for (int split = 1; everySplit && split < bytes.Length; split++)
            {
                Assert.Equal(whole, ReadPieces(bytes, [split, bytes.Length], limits, memory));
            }

            return whole;
        }

        private static ChunkRun ReadPieces(byte[] bytes, IEnumerable<int> ends, HeaderLimits? limits, GuardedMemory memory)
        {
            var reader = new ChunkReader(limits ?? HeadParsing.DefaultLimits);
            reader.Begin();
            var body = new StringBuilder();
            int position = 0;
            foreach (int end in ends)
            {
                ReadOnlySpan<byte> input = memory.Place(bytes.AsSpan(position, end - position));
                while (!reader.IsDone && reader.Rejection == None)
                {
                    ChunkResult result = reader.Read(input, out int consumed, out ReadOnlySpan<byte> data);
                    if (result == ChunkResult.Rejected)
                    {
                        return new ChunkRun(reader.Rejection, false, "", 0, "");
                    }

                    body.Append(Encoding.Latin1.GetString(data));
                    Assert.True(result == ChunkResult.Data || data.IsEmpty);
                    Assert.True(result != ChunkResult.NeedMore || consumed == input.Length);
                    position += consumed;
                    input = input[consumed..];
                    if (result == ChunkResult.NeedMore)
                    {
                        break;
                    }
                }
            }

            var trailers = new StringBuilder();
            foreach ((ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) in reader.Trailers.Spans)
            {
                trailers.Append(Encoding.Latin1.GetString(name)).Append('=').Append(Encoding.Latin1.GetString(value)).Append(';');
            }

            return new ChunkRun(None, reader.IsDone, body.ToString(), position, reader.IsDone ? trailers.ToString() : "");
        }
    }
}
