using OneShot.Differential.Tests.Comparison;
using OneShot.Differential.Tests.Corpus;
using OneShot.Differential.Tests.Servers;
using OneShot.Differential.Tests.Shapes;

namespace OneShot.Differential.Tests;

/// <summary>A head that can only be refused is refused when that is known: a client that sends nothing more is not left to a timeout.</summary>
public class EarlyRefusalTests(TwinFixture twins)
{
    public static TheoryData<string> Topics => [.. CorpusFiles.Topics];

    [Theory]
    [MemberData(nameof(Topics))]
    public async Task A_head_that_both_refuse_is_refused_with_no_more_bytes_than_Kestrel_needs(string topic)
    {
        List<string> late = [];
        foreach (CorpusCase one in CorpusFiles.Of(topic))
        {
            TwinServers servers = twins.For(one);
            if (IsHeadRefused(await servers.Stock.AskAsync(Shape.Whole(one.Bytes))) && IsHeadRefused(await servers.Front.AskAsync(Shape.Whole(one.Bytes))))
            {
                int? stock = await servers.Stock.CountToEndAsync(one.Bytes);
                int? front = await servers.Front.CountToEndAsync(one.Bytes);
                if (stock is not null && (front is null || front > stock))
                {
                    late.Add($"{one}: {stock} bytes on Kestrel, {front} on the front: {CorpusText.FromBytes(one.Bytes)}");
                }
            }
        }

        Assert.Empty(late);
    }

    /// <summary>Of two faults it is the first that counts.</summary>
    [Theory]
    [MemberData(nameof(Topics))]
    public async Task A_head_is_refused_for_the_same_reason_however_it_is_cut(string topic)
    {
        List<string> complaints = [];
        foreach (CorpusCase one in CorpusFiles.Of(topic))
        {
            TwinServers servers = twins.For(one);
            Outcome whole = await servers.Front.AskAsync(Shape.Whole(one.Bytes));
            if (IsHeadRefused(whole))
            {
                Outcome single = await servers.Front.AskAsync(Shape.ByteByByte(one.Bytes));
                if (single.Refusal != whole.Refusal || single.Exchanges[0].Response?.Status != whole.Exchanges[0].Response?.Status)
                {
                    complaints.Add($"{one}: whole \"{whole.Refusal}\", byte by byte \"{single.Refusal}\": {CorpusText.FromBytes(one.Bytes)}");
                }
            }
        }

        Assert.Empty(complaints);
    }

    [Theory]
    [InlineData("GET /%00 HTTP/1.1¶", 400)]
    [InlineData("GET * HTTP/1.1¶", 400)]
    [InlineData("GET %2F HTTP/1.1¶", 400)]
    [InlineData("GET a:80 HTTP/1.1¶", 405)]
    [InlineData("GET http://a/%00 HTTP/1.1¶", 400)]
    [InlineData("CONNECT /a HTTP/1.1¶", 400)]
    [InlineData("GET / HTTP/01.01¶", 400)]
    [InlineData("GET / HTTP/2.0¶", 505)]
    [InlineData("GET / HTTP/1.1¶Content-Length: x¶", 400)]
    [InlineData("POST / HTTP/1.1¶Content-Length: 1¶Content-Length: 1¶", 400)]
    [InlineData("GET / HTTP/1.1¶Host: a¶Host: a¶", 400)]
    [InlineData("GET / HTTP/1.1¶Host: a/b¶", 400)]
    [InlineData("GET / HTTP/1.1¶X: \\xFF¶", 400)]
    [InlineData("POST / HTTP/1.0¶Transfer-Encoding: chunked¶", 400)]
    [InlineData("POST / HTTP/1.1¶Transfer-Encoding: chunked¶Content-Length: 1¶", 400)]
    [InlineData("POST / HTTP/1.1¶Content-Length: 1¶Transfer-Encoding: chunked¶", 400)]
    public async Task Nothing_more_is_waited_for(string head, int status)
    {
        byte[] bytes = CorpusText.ToBytes(head);
        foreach (Func<byte[], IEnumerable<ReadOnlyMemory<byte>>> cut in new[] { Shape.Whole, Shape.ByteByByte })
        {
            Outcome front = await twins.Usual.Front.AskAsync(cut(bytes));
            Assert.Equal(ConnectionEnd.Closed, front.End);
            Assert.Equal(status, Assert.Single(front.Exchanges).Response?.Status);
        }
    }

    private static bool IsHeadRefused(Outcome outcome) =>
        outcome is { Refusal.Length: > 0, Exchanges: [{ Seen: null, Response.Status: >= 400 }] };
}
