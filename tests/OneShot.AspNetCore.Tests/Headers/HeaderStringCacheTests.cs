using System.Text;
using CsCheck;
using OneShot.AspNetCore.Headers;

namespace OneShot.AspNetCore.Tests.Headers;

public sealed class HeaderStringCacheTests
{
    private const string UserAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

    [Fact]
    public void A_value_is_kept_from_its_second_appearance_on()
    {
        var cache = new HeaderStringCache();
        string first = Get(cache, UserAgent);
        string second = Get(cache, UserAgent);
        string third = Get(cache, UserAgent);

        Assert.Equal([UserAgent, UserAgent, UserAgent], [first, second, third]);
        Assert.NotSame(first, second);
        Assert.Same(second, third);
    }

    [Fact]
    public void A_kept_value_costs_no_managed_byte()
    {
        var cache = new HeaderStringCache();
        byte[] bytes = Encoding.ASCII.GetBytes(UserAgent);
        for (int i = 0; i < 3; i++)
        {
            cache.Get(bytes);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            cache.Get(bytes);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Values_that_never_come_again_displace_none()
    {
        var cache = new HeaderStringCache();
        Get(cache, UserAgent);
        string kept = Get(cache, UserAgent);
        for (int i = 0; i < 100_000; i++)
        {
            Get(cache, $"00-{i:x32}-01");
        }

        Assert.Same(kept, Get(cache, UserAgent));
    }

    [Fact]
    public void Long_values_are_not_kept()
    {
        var cache = new HeaderStringCache();
        string longest = new('a', HeaderStringCache.MaxLength);
        string longer = longest + "a";
        Get(cache, longest);
        Get(cache, longer);

        Assert.Same(Get(cache, longest), Get(cache, longest));
        Assert.NotSame(Get(cache, longer), Get(cache, longer));
    }

    [Fact]
    public void However_many_values_come_the_string_is_the_one_of_the_bytes()
    {
        var cache = new HeaderStringCache(); // one for all samples: old strings lie in wait for values that resemble them
        Gen.String[Gen.Char[' ', '~'], 1, 300].Sample(value =>
        {
            string flipped = value[..^1] + (char)(value[^1] ^ 1);
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(value, Get(cache, value));
                Assert.Equal(flipped, Get(cache, flipped));
            }
        }, threads: 1);
    }

    [Fact]
    public async Task Threads_that_race_for_the_same_slots_all_get_their_own_values()
    {
        var cache = new HeaderStringCache();
        string[] values = [.. Enumerable.Range(0, 5000).Select(i => $"value-{i}")]; // five for every slot
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (int i = 0; i < 100_000; i++)
            {
                string value = values[random.Next(values.Length)];
                Assert.Equal(value, Get(cache, value));
            }
        })));
    }

    private static string Get(HeaderStringCache cache, string value) => cache.Get(Encoding.ASCII.GetBytes(value));
}
