using OneShot.Differential.Tests.Comparison;
using OneShot.Differential.Tests.Corpus;
using OneShot.Differential.Tests.Servers;
using OneShot.Differential.Tests.Shapes;

namespace OneShot.Differential.Tests;

/// <summary>The hand-written cases: the front does what stock Kestrel does, or what a row of the differences page says.</summary>
public class CorpusTests(TwinFixture twins)
{
    public static TheoryData<string> Topics => [.. CorpusFiles.Topics];

    [Fact]
    public void There_are_enough_cases_and_no_two_of_one_name()
    {
        Assert.True(CorpusFiles.All.Count >= 600, $"{CorpusFiles.All.Count} cases");
        Assert.Empty(CorpusFiles.All.GroupBy(one => one.ToString()).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public Task Whole(string topic) => CompareAsync(topic, one => one.Bytes, Shape.Whole);

    [Theory]
    [MemberData(nameof(Topics))]
    public Task Byte_by_byte(string topic) => CompareAsync(topic, one => one.Bytes, Shape.ByteByByte);

    [Theory]
    [MemberData(nameof(Topics))]
    public Task In_random_pieces(string topic) => CompareAsync(topic, one => one.Bytes, bytes => Shape.InPieces(bytes, new Random(bytes.Length)));

    [Theory]
    [MemberData(nameof(Topics))]
    public Task Coalesced_with_neighbours(string topic) => CompareAsync(topic, one => Shape.AmongNeighbours(one.Bytes), Shape.Whole);

    [Theory]
    [MemberData(nameof(Topics))]
    public Task Coalesced_with_neighbours_in_random_pieces(string topic) =>
        CompareAsync(topic, one => Shape.AmongNeighbours(one.Bytes), bytes => Shape.InPieces(bytes, new Random(bytes.Length)));

    private async Task CompareAsync(string topic, Func<CorpusCase, byte[]> input, Func<byte[], IEnumerable<ReadOnlyMemory<byte>>> cut)
    {
        var complaints = new Complaints();
        foreach (CorpusCase one in CorpusFiles.Of(topic))
        {
            byte[] bytes = input(one);
            TwinServers servers = twins.For(one);
            Outcome stock = await servers.Stock.AskAsync(cut(bytes));
            Outcome front = await servers.Front.AskAsync(cut(bytes));
            if (Judge.FirstUnexplained(bytes, stock, front) is { } divergence)
            {
                complaints.Add(one.ToString(), bytes, divergence);
            }
        }

        complaints.AssertNone();
    }
}
