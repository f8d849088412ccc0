using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Tests.Servers;

public class SideListTests
{
    [Fact]
    public void Sides_are_read_in_their_order_in_any_case_and_with_spaces()
    {
        Assert.Equal(
            [
                new SampleSide(Front.Kestrel, Transport.Sockets),
                new SampleSide(Front.OneShot, Transport.Sockets),
                new SampleSide(Front.OneShot, Transport.OneShot),
                new SampleSide(Front.Kestrel, Transport.OneShot),
                new NginxSide(),
            ],
            SideList.Parse("Kestrel/Sockets, oneshot/sockets,OneShot/OneShot,KESTREL/OneShot , nginx"));
    }

    [Fact]
    public void A_side_is_written_as_it_is_read()
    {
        const string Text = "OneShot/Sockets,Nginx,Kestrel/OneShot";

        Assert.Equal(Text, string.Join(',', SideList.Parse(Text)));
    }

    [Fact]
    public void By_default_stock_Kestrel_stands_beside_the_front_on_its_transport() =>
        Assert.Equal([new SampleSide(Front.Kestrel, Transport.Sockets), new SampleSide(Front.OneShot, Transport.OneShot)], SideList.Parse(SideList.Default));

    [Fact]
    public void The_same_side_twice_shows_the_noise() =>
        Assert.Equal(2, SideList.Parse("OneShot/OneShot,OneShot/OneShot").Count);

    [Theory]
    [InlineData("Kestrel/Sockets", "names one side only")]
    [InlineData("Kestrel/Sockets,", "'' is no side")]
    [InlineData("", "'' is no side")]
    [InlineData("Kestrel,OneShot", "'Kestrel' is no side")]
    [InlineData("Kestrel/Sockets,OneShot/Kestrel", "'OneShot/Kestrel' is no side")]
    [InlineData("Kestrel/Sockets,OneShot/OneShot/OneShot", "'OneShot/OneShot/OneShot' is no side")]
    [InlineData("0/0,1/1", "'0/0' is no side")]
    [InlineData("Kestrel/Sockets,Nginx/Sockets", "'Nginx/Sockets' is no side")]
    public void Anything_else_is_refused_with_what_can_be_written(string text, string message)
    {
        LoadTestException exception = Assert.Throws<LoadTestException>(() => SideList.Parse(text));

        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Contains("write front/transport", exception.Message, StringComparison.Ordinal);
    }
}
