using OneShot.LoadTest.Compare;

namespace OneShot.LoadTest.Tests.Compare;

public class TurnsTests
{
    [Fact]
    public void The_order_turns_round_by_round()
    {
        Assert.Equal([0, 1, 2], Turns.Of(3, 0));
        Assert.Equal([1, 2, 0], Turns.Of(3, 1));
        Assert.Equal([2, 0, 1], Turns.Of(3, 2));
        Assert.Equal([0, 1, 2], Turns.Of(3, 3));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_side_has_every_place_once_in_as_many_rounds_as_there_are_sides(int sides)
    {
        int[][] rounds = [.. Enumerable.Range(0, sides).Select(round => Turns.Of(sides, round).ToArray())];

        Assert.All(rounds, round => Assert.Equal(Enumerable.Range(0, sides), round.Order()));
        Assert.All(Enumerable.Range(0, sides), place => Assert.Equal(Enumerable.Range(0, sides), rounds.Select(round => round[place]).Order()));
    }
}
