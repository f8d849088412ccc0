using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using OneShot.Differential.Tests.Comparison;
using OneShot.Differential.Tests.Corpus;
using OneShot.Differential.Tests.Servers;
using OneShot.Differential.Tests.Shapes;
using OneShot.Differential.Tests.Wire;

namespace OneShot.Differential.Tests;

/// <summary>
/// The transport without sockets hides nothing: over TCP both servers answer each case byte for byte as without it,
/// and end the connection where they ended it there.
/// </summary>
public partial class SocketTests(TwinFixture twins)
{
    public static TheoryData<string> Topics => [.. CorpusFiles.Topics];

    [Theory]
    [MemberData(nameof(Topics))]
    public Task Over_sockets_the_answers_are_the_same(string topic) => CompareAsync(topic, twin => twin.Socket);

    [Theory]
    [MemberData(nameof(Topics))]
    public Task On_the_transport_the_answers_are_the_same(string topic) => CompareAsync(topic, twin => twin.Loop);

    private async Task CompareAsync(string topic, Func<Twin, IPEndPoint> address)
    {
        var complaints = new Complaints();
        foreach (CorpusCase one in CorpusFiles.Of(topic))
        {
            TwinServers servers = twins.For(one);
            await CompareAsync(one, servers.Stock, address(servers.Stock), "Kestrel", complaints);
            await CompareAsync(one, servers.Front, address(servers.Front), "front", complaints);
        }

        complaints.AssertNone();
    }

    private static async Task CompareAsync(CorpusCase one, Twin server, IPEndPoint address, string name, Complaints complaints)
    {
        Outcome outcome = await server.AskAsync(Shape.Whole(one.Bytes));
        string expected = WithoutDate(outcome.Answer.Span);
        (byte[] bytes, bool isReset) = await SocketClient.AskAsync(
            address, one.Bytes, outcome.Answer.Length, toEnd: outcome.End != ConnectionEnd.Open);
        string answer = WithoutDate(bytes);

        // A server that ends a connection with bytes unread resets it, and what it had sent may be lost with it (RFC 9112 9.6).
        bool holds = isReset && outcome.End != ConnectionEnd.Open
            ? expected.StartsWith(answer, StringComparison.Ordinal)
            : answer == expected;
        if (!holds)
        {
            complaints.Add($"{one} ({name})\n  sent: {CorpusText.FromBytes(one.Bytes)}\n  expected: {expected}\n  over the socket: {answer}");
        }
    }

    private static string WithoutDate(ReadOnlySpan<byte> answer) => Date().Replace(Encoding.Latin1.GetString(answer), "Date: now");

    [GeneratedRegex("Date: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} 2[0-9]{3} [0-9:]{8} GMT", RegexOptions.CultureInvariant)]
    private static partial Regex Date();
}
