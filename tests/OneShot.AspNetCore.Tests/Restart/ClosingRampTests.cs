using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

public class ClosingRampTests
{
    private const int Connections = 1_000;

    private readonly ManualClock _clock = new();
    private readonly string[] _ids = [.. Enumerable.Range(0, Connections).Select(i => $"0HN{i:X10}")];

    [Fact]
    public void Connections_close_one_after_the_other_and_all_of_them_in_the_first_half_of_the_time()
    {
        ClosingRamp ramp = new(_clock.GetTimestamp(), TimeSpan.FromSeconds(10), _clock);
        int last = Closing(ramp);
        Assert.InRange(last, 0, 5);
        for (int tenth = 1; tenth <= 10; tenth++)
        {
            _clock.Advance(TimeSpan.FromSeconds(0.5));
            int now = Closing(ramp);
            Assert.InRange(now - last, 50, 160); // a tenth each, of 1,000 by chance
            last = now;
        }

        Assert.Equal(Connections, last);
    }

    [Fact]
    public void Whose_turn_has_come_it_stays()
    {
        ClosingRamp ramp = new(_clock.GetTimestamp(), TimeSpan.FromSeconds(10), _clock);
        _clock.Advance(TimeSpan.FromSeconds(3));
        string[] first = [.. _ids.Where(ramp.IsTurnOf)];
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.All(first, id => Assert.True(ramp.IsTurnOf(id)));
    }

    [Fact]
    public void Without_a_delay_all_close_at_once()
    {
        ClosingRamp ramp = new(_clock.GetTimestamp(), TimeSpan.Zero, _clock);
        Assert.Equal(Connections, Closing(ramp));
    }

    [Fact]
    public void A_connection_without_a_name_is_first() => Assert.True(new ClosingRamp(_clock.GetTimestamp(), TimeSpan.FromHours(1), _clock).IsTurnOf(null));

    private int Closing(ClosingRamp ramp) => _ids.Count(ramp.IsTurnOf);
}
