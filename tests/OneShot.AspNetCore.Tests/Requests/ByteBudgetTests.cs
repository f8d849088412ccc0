using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Tests.Requests;

public class ByteBudgetTests
{
    private readonly ManualClock _clock = new();

    // Or it would pay to connect anew.
    [Fact]
    public void It_begins_with_one_second()
    {
        ByteBudget budget = new(1000, _clock);
        budget.Take(999);
        Assert.False(budget.IsSpent());
        budget.Take(1);
        Assert.True(budget.IsSpent());
    }

    [Fact]
    public void Ten_seconds_are_saved_up_and_no_more()
    {
        ByteBudget budget = new(1000, _clock);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(budget.IsSpent());
        budget.Take(9_999);
        Assert.False(budget.IsSpent());
        budget.Take(1);
        Assert.True(budget.IsSpent());
    }

    [Fact]
    public void What_is_taken_over_it_is_paid_back_first()
    {
        ByteBudget budget = new(1000, _clock);
        budget.Take(4_000);
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.True(budget.IsSpent());
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(budget.IsSpent());
    }

    [Fact]
    public void One_request_costs_ten_seconds_at_most()
    {
        ByteBudget budget = new(1000, _clock);
        budget.Take(long.MaxValue / 2);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(budget.IsSpent());
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(budget.IsSpent());
    }

    // A request a microsecond must not round its earnings away.
    [Fact]
    public void Small_steps_earn_as_much_as_large_ones()
    {
        ByteBudget budget = new(1000, _clock);
        budget.Take(2_000);
        int steps = 0;
        while (budget.IsSpent())
        {
            _clock.Advance(TimeSpan.FromMicroseconds(100));
            steps++;
        }

        Assert.InRange(steps, 10_000, 10_030); // 1 s, and one byte
    }
}
