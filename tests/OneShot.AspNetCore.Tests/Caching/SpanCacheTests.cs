using System.Text;
using CsCheck;
using OneShot.AspNetCore.Caching;
using OneShot.AspNetCore.Tests.Wire;

namespace OneShot.AspNetCore.Tests.Caching;

public sealed class SpanCacheTests
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(1);

    [Fact]
    public void What_was_set_is_found_by_its_bytes()
    {
        SpanCache<string> cache = new(10, s_lifetime);
        cache.Set("token"u8, "a");
        cache.Set(""u8, "empty");

        Assert.True(cache.TryGetValue("token"u8, out string? value));
        Assert.Equal("a", value);
        Assert.True(cache.TryGetValue(""u8, out value));
        Assert.Equal("empty", value);
        Assert.False(cache.TryGetValue("Token"u8, out value));
        Assert.Null(value);
        Assert.False(cache.TryGetValue("toke"u8, out _));
        Assert.False(cache.TryGetValue("token "u8, out _));
        Assert.Equal(2, cache.Count);

        cache.Set("token"u8, "b");
        Assert.True(cache.TryGetValue("token"u8, out value));
        Assert.Equal("b", value);
        Assert.Equal(2, cache.Count);
    }

    [Fact]
    public void The_key_is_a_copy()
    {
        SpanCache<int> cache = new(10, s_lifetime);
        byte[] key = "key"u8.ToArray();
        cache.Set(key, 1);
        key[0] = (byte)'K';

        Assert.True(cache.TryGetValue("key"u8, out _));
        Assert.False(cache.TryGetValue("Key"u8, out _));
    }

    [Fact]
    public void An_entry_ends_with_its_lifetime_or_at_its_own_instant_whichever_comes_first()
    {
        ManualClock clock = new();
        SpanCache<int> cache = new(10, s_lifetime, clock);
        cache.Set("lifetime"u8, 1);
        cache.Set("early"u8, 1, clock.GetUtcNow() + TimeSpan.FromSeconds(10));
        cache.Set("late"u8, 1, clock.GetUtcNow() + TimeSpan.FromDays(1));
        cache.Set("never"u8, 1, DateTimeOffset.MaxValue);
        cache.Set("past"u8, 1, clock.GetUtcNow());
        Assert.Equal("lifetime,early,late,never", Found());

        clock.Move(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.Equal("lifetime,early,late,never", Found());
        clock.Move(TimeSpan.FromTicks(1));
        Assert.Equal("lifetime,late,never", Found());
        cache.Set("lifetime"u8, 1);
        clock.Move(TimeSpan.FromSeconds(50));
        Assert.Equal("lifetime", Found());
        Assert.Equal(1, cache.Count);

        string Found() => string.Join(',', new[] { "lifetime", "early", "late", "never", "past" }.Where(key => cache.TryGetValue(Encoding.ASCII.GetBytes(key), out _)));
    }

    [Fact]
    public void An_instant_in_the_past_takes_away_what_there_was()
    {
        ManualClock clock = new();
        SpanCache<int> cache = new(10, s_lifetime, clock);
        cache.Set("key"u8, 1);
        cache.Set("key"u8, 2, clock.GetUtcNow() - s_lifetime);

        Assert.False(cache.TryGetValue("key"u8, out _));
        Assert.Equal(0, cache.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(1000)]
    [InlineData(5000)]
    public void It_never_holds_more_than_its_capacity(int capacity)
    {
        SpanCache<int> cache = new(capacity, s_lifetime);
        for (int i = 0; i < 4 * capacity; i++)
        {
            cache.Set(Key(i), i);
            Assert.True(cache.TryGetValue(Key(i), out int value) && value == i);
        }

        Assert.InRange(cache.Count, capacity - (capacity / 20), capacity); // a part is full by itself
    }

    [Fact]
    public void What_is_asked_for_stays_while_what_is_not_comes_and_goes()
    {
        SpanCache<int> cache = new(64, s_lifetime);
        for (int i = 0; i < 32; i++)
        {
            cache.Set(Key(i), i);
        }

        for (int flood = 1000; flood < 100_000; flood++)
        {
            for (int i = 0; flood % 16 == 0 && i < 32; i++)
            {
                Assert.True(cache.TryGetValue(Key(i), out _), $"{i} at {flood}");
            }

            cache.Set(Key(flood), flood);
        }
    }

    [Fact]
    public void What_has_expired_makes_room_before_what_has_not()
    {
        ManualClock clock = new();
        SpanCache<int> cache = new(4, s_lifetime, clock);
        cache.Set("a"u8, 1, clock.GetUtcNow() + TimeSpan.FromSeconds(1));
        cache.Set("b"u8, 1);
        cache.Set("c"u8, 1);
        cache.Set("d"u8, 1);
        Assert.True(cache.TryGetValue("a"u8, out _) && cache.TryGetValue("b"u8, out _) && cache.TryGetValue("c"u8, out _) && cache.TryGetValue("d"u8, out _));
        clock.Move(TimeSpan.FromSeconds(1));
        cache.Set("e"u8, 1);

        Assert.True(cache.TryGetValue("b"u8, out _) && cache.TryGetValue("c"u8, out _) && cache.TryGetValue("d"u8, out _) && cache.TryGetValue("e"u8, out _));
    }

    [Fact]
    public void A_longer_key_than_is_kept_is_not_kept()
    {
        SpanCache<int> cache = new(10, s_lifetime) { MaxKeyLength = 3 };
        cache.Set("abc"u8, 1);
        cache.Set("abcd"u8, 1);

        Assert.True(cache.TryGetValue("abc"u8, out _));
        Assert.False(cache.TryGetValue("abcd"u8, out _));
        Assert.False(cache.Remove("abcd"u8));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpanCache<int>(1, s_lifetime) { MaxKeyLength = -1 });
    }

    [Fact]
    public void A_size_or_a_life_that_is_none_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpanCache<int>(0, s_lifetime));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpanCache<int>(-1, s_lifetime));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpanCache<int>(1, TimeSpan.Zero));
        SpanCache<int> forever = new(1, TimeSpan.MaxValue);
        forever.Set("a"u8, 1);
        Assert.True(forever.TryGetValue("a"u8, out _));
    }

    /// <summary>Against a dictionary that forgets nothing: what is found is what was set last, and what is not found has expired, was removed, or made room.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(130)]
    public void It_is_right_about_all_that_it_finds(int capacity)
    {
        Gen<(int What, int Key, int Value)[]> programs = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 2 * capacity], Gen.Int[1, 100]).Array[1, 400];
        FixedSeeds.Sample(programs, 200, steps =>
        {
            ManualClock clock = new();
            SpanCache<int> cache = new(capacity, s_lifetime, clock);
            Dictionary<int, (int Value, DateTimeOffset ExpiresAt)> model = [];
            foreach ((int what, int key, int value) in steps)
            {
                switch (what)
                {
                    case < 4:
                        cache.Set(Key(key), value);
                        model[key] = (value, clock.GetUtcNow() + s_lifetime);
                        break;
                    case 4:
                        cache.Set(Key(key), value, clock.GetUtcNow() + TimeSpan.FromSeconds(value));
                        model[key] = (value, clock.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(value, 60)));
                        break;
                    case 5:
                        bool wasThere = model.Remove(key, out (int Value, DateTimeOffset ExpiresAt) gone) && gone.ExpiresAt > clock.GetUtcNow();
                        Assert.False(cache.Remove(Key(key)) && !wasThere);
                        break;
                    case 6:
                        clock.Move(TimeSpan.FromSeconds(value / 10));
                        break;
                    case 7 when value == 1:
                        cache.Clear();
                        model.Clear();
                        Assert.Equal(0, cache.Count);
                        break;
                    default:
                        if (cache.TryGetValue(Key(key), out int found))
                        {
                            Assert.True(model.TryGetValue(key, out (int Value, DateTimeOffset ExpiresAt) set) && set.Value == found && set.ExpiresAt > clock.GetUtcNow());
                        }

                        break;
                }

                Assert.InRange(cache.Count, 0, capacity);
            }
        });
    }

    [Fact]
    public async Task Many_threads_find_what_was_set_for_the_key_that_they_ask_for()
    {
        SpanCache<byte[]> cache = new(500, s_lifetime);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() =>
        {
            Random random = new(seed);
            for (int i = 0; i < 50_000; i++)
            {
                byte[] key = Key(random.Next(1000));
                if (cache.TryGetValue(key, out byte[]? value))
                {
                    Assert.Equal(key, value);
                }
                else if (i % 50 == 0)
                {
                    cache.Remove(key);
                }
                else
                {
                    cache.Set(key, key);
                }
            }
        })));

        Assert.InRange(cache.Count, 1, 500);
    }

    [Fact]
    public void A_hit_and_a_miss_cost_no_managed_byte()
    {
        SpanCache<string> cache = new(1000, s_lifetime);
        byte[] token = new byte[900];
        Random.Shared.NextBytes(token);
        cache.Set(token, "principal");
        bool isRight = Ask();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            isRight &= Ask();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(isRight);

        bool Ask() => cache.TryGetValue(token, out string? value) && value.Length == 9 && !cache.TryGetValue(token.AsSpan(1), out _);
    }

    private static byte[] Key(int i) => Encoding.ASCII.GetBytes($"key {i}");
}
