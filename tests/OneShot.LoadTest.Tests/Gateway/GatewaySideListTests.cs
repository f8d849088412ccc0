using OneShot.LoadTest.Gateway;

namespace OneShot.LoadTest.Tests.Gateway;

public class GatewaySideListTests
{
    [Fact]
    public void Sides_are_read_in_their_order_whatever_the_order_of_their_words() => Assert.Equal(
        [
            new GatewaySide(Front: false, TokenCache: false, OnTransport: false),
            new GatewaySide(Front: true, TokenCache: true, OnTransport: false),
            new GatewaySide(Front: false, TokenCache: false, OnTransport: true),
            new GatewaySide(Front: true, TokenCache: true, OnTransport: true),
        ],
        GatewaySideList.Parse("stock, cache+front,transport,all"));

    [Fact]
    public void A_side_is_written_as_it_is_read() =>
        Assert.Equal(GatewaySideList.Default, string.Join(',', GatewaySideList.Parse(GatewaySideList.Default)));

    [Fact]
    public void All_words_together_are_all() =>
        Assert.Equal("all,stock", string.Join(',', GatewaySideList.Parse("front+cache+transport,stock")));

    [Theory]
    [InlineData("stock", "names one side only")]
    [InlineData("stock,", "'' is no side")]
    [InlineData("stock,Kestrel", "'Kestrel' is no side")]
    [InlineData("stock,front+front", "'front+front' is no side")]
    [InlineData("stock,front+stock", "'front+stock' is no side")]
    public void Anything_else_is_refused_with_what_can_be_written(string text, string message)
    {
        LoadTestException exception = Assert.Throws<LoadTestException>(() => GatewaySideList.Parse(text));

        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Contains("write stock, all, or some of", exception.Message, StringComparison.Ordinal);
    }
}
