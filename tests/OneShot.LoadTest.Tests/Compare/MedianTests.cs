using OneShot.LoadTest.Compare;

namespace OneShot.LoadTest.Tests.Compare;

public class MedianTests
{
    [Fact]
    public void It_is_the_middle_one_or_the_mean_of_two()
    {
        Assert.Equal(3, Median.Of([9, 1, 3]));
        Assert.Equal(2.5, Median.Of([4, 1, 2, 3]));
        Assert.Equal(7, Median.Of([7]));
        Assert.Equal(double.NaN, Median.Of([]));
    }
}
