using OneShot.Transport.Connections;

namespace OneShot.Transport.Tests.Connections;

public sealed class FlushRhythmTests
{
    private const int Start = 100_000;

    [Fact]
    public void One_flush_for_each_receive_is_on_its_own()
    {
        var rhythm = new FlushRhythm();
        for (int i = 1; i < 100; i++)
        {
            Assert.False(rhythm.IsOneOfMany(receives: i, now: Start));
        }
    }

    [Fact]
    public void The_second_flush_for_a_receive_is_one_of_many_and_the_next_first_ones_for_a_while()
    {
        var rhythm = new FlushRhythm();
        Assert.False(rhythm.IsOneOfMany(receives: 1, now: Start));
        Assert.True(rhythm.IsOneOfMany(receives: 1, now: Start));
        for (int i = 0; i < FlushRhythm.Spell; i++)
        {
            Assert.True(rhythm.IsOneOfMany(receives: 2 + i, now: Start));
        }

        Assert.False(rhythm.IsOneOfMany(receives: 2 + FlushRhythm.Spell, now: Start));
    }

    [Fact]
    public void Several_flushes_again_begin_the_while_anew()
    {
        var rhythm = new FlushRhythm();
        for (int receive = 1; receive < 10 * FlushRhythm.Spell; receive++)
        {
            Assert.Equal(receive > 1, rhythm.IsOneOfMany(receive, Start));
            if (receive % FlushRhythm.Spell == 1)
            {
                Assert.True(rhythm.IsOneOfMany(receive, Start));
            }
        }
    }

    [Theory]
    [InlineData(FlushRhythm.Soon - 1, true)]
    [InlineData(FlushRhythm.Soon, false)]
    public void A_flush_that_comes_late_is_on_its_own(int milliseconds, bool isOneOfMany)
    {
        var rhythm = new FlushRhythm();
        rhythm.IsOneOfMany(receives: 1, now: Start);
        Assert.Equal(isOneOfMany, rhythm.IsOneOfMany(receives: 1, now: Start + milliseconds));
    }
}
