using OneShot.Blocks;

namespace OneShot.Tests.Blocks;

public class SizeClassTests
{
    [Fact]
    public void Every_size_gets_the_smallest_class_that_holds_it()
    {
        nuint previous = 0;
        int classes = 0;
        for (nuint size = 1; size < 1 << 20; size += 61)
        {
            nuint rounded = SizeClass.RoundUp(size);
            Assert.True(rounded >= size && rounded % 64 == 0);
            Assert.Equal(rounded, SizeClass.RoundUp(rounded));
            Assert.True(size <= 256 || rounded - size < size / 4);
            if (rounded != previous)
            {
                Assert.Equal(classes++, SizeClass.Of(rounded));
                previous = rounded;
            }
        }
    }

    [Fact]
    public void The_largest_region_has_a_class() => Assert.InRange(SizeClass.Of(SizeClass.RoundUp((nuint)1 << 45)), 0, SizeClass.Count - 1);
}
