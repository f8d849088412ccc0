using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Tests.Requests.Bodies;

public sealed class BodySlotTests
{
    private static readonly BadHttpRequestException s_refusal = new("no", 413);

    [Fact]
    public void A_read_that_has_ended_is_the_answer_to_all_later_ones()
    {
        BodySlot slot = new();
        Assert.True(slot.TryBegin(out _, out long ticket));
        slot.End(ticket, default);

        Assert.False(slot.TryBegin(out _, out _));
        Assert.False(slot.TryBegin(out _, out _));
    }

    [Fact]
    public void Of_two_reads_at_once_the_second_is_refused_and_the_first_goes_on()
    {
        BodySlot slot = new();
        Assert.True(slot.TryBegin(out _, out long ticket));

        Assert.Throws<InvalidOperationException>(() => slot.TryBegin(out _, out _));
        slot.End(ticket, default);
        Assert.False(slot.TryBegin(out _, out _));
    }

    [Fact]
    public void A_refusal_is_given_to_whoever_asks_again()
    {
        BodySlot slot = new();
        Assert.True(slot.TryBegin(out _, out long ticket));
        slot.Fail(ticket, s_refusal, hasBegun: false);

        Assert.Same(s_refusal, Assert.Throws<BadHttpRequestException>(() => slot.TryBegin(out _, out _)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_failed_read_may_be_made_again_only_if_it_had_got_nothing(bool hasBegun)
    {
        BodySlot slot = new();
        Assert.True(slot.TryBegin(out _, out long ticket));
        slot.Fail(ticket, refusal: null, hasBegun);

        if (hasBegun)
        {
            Assert.Throws<InvalidOperationException>(() => slot.TryBegin(out _, out _));
        }
        else
        {
            Assert.True(slot.TryBegin(out _, out _));
        }
    }

    [Fact]
    public void What_a_read_of_an_earlier_request_comes_back_with_is_not_the_present_ones()
    {
        BodySlot slot = new();
        Assert.True(slot.TryBegin(out _, out long late));
        slot.Reset();
        Assert.True(slot.TryBegin(out _, out long present));

        slot.End(late, default);
        Assert.Throws<InvalidOperationException>(() => slot.TryBegin(out _, out _)); // still being read
        slot.Fail(late, s_refusal, hasBegun: true);
        Assert.Throws<InvalidOperationException>(() => slot.TryBegin(out _, out _));

        slot.End(present, default);
        Assert.False(slot.TryBegin(out _, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_next_request_finds_nothing_of_the_last(int how)
    {
        BodySlot slot = new();
        Assert.True(slot.TryBegin(out _, out long ticket));
        switch (how)
        {
            case 1: slot.End(ticket, default); break;
            case 2: slot.Fail(ticket, s_refusal, hasBegun: true); break;
            case 3: slot.Fail(ticket, refusal: null, hasBegun: true); break;
        }

        slot.Reset();

        Assert.True(slot.TryBegin(out _, out _));
    }
}
