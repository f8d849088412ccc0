using System.Runtime.InteropServices;
using OneShot.AspNetCore.Restart;
using OneShot.Memory;

namespace OneShot.AspNetCore.Tests.Restart;

public unsafe class HeapPagesTests
{
    private const int NoMemory = 12; // ENOMEM
    private const long Mebi = 1 << 20;
    private const nuint HugePage = 2 << 20;

    /// <summary>Beyond what a process of 64 bits may map: nothing is there that a call could change.</summary>
    private static readonly nuint s_nowhere = unchecked((nuint)(1UL << 52));

    public HeapPagesTests() => Assert.SkipUnless(MemoryRegion.CanPopulate, "This kernel has no MADV_POPULATE_WRITE.");

    [Fact]
    public void What_was_committed_between_is_faulted_in_and_nothing_else()
    {
        using MemoryRegion earlier = Committed();
        using MemoryRegion region = Committed();
        AddressRange[] both = [.. new[] { All(earlier), All(region) }.OrderBy(static range => range.Start)];
        HeapPages pages = Pages([All(earlier)], both, (long)region.Size);
        region.Base[5] = 7;

        PopulateOutcome outcome = pages.Populate(isServing: false);

        Assert.Equal(new((long)region.Size, null), outcome);
        Assert.Equal((8192, 7), (Resident(region), region.Base[5]));
        Assert.Equal(0, Resident(earlier));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_gone_meanwhile_is_an_obstacle_and_no_fault_and_the_rest_is_faulted_in(bool isServing)
    {
        using MemoryRegion region = Committed();
        HeapPages pages = Pages([], [All(region)], (long)region.Size);
        region.Decommit(9 << 20, PageSize.Bytes);

        PopulateOutcome outcome = pages.Populate(isServing);

        Assert.StartsWith("the kernel refused 2097152 bytes (errno ", outcome.Obstacle, StringComparison.Ordinal);
        Assert.Equal((long)(region.Size - HugePage), outcome.Bytes);
        Assert.InRange(Resident(region), 8192 - 512, 8191);
    }

    // Each hole costs the huge page that it lies in, wherever it is, and nothing else.
    [Fact]
    public void Holes_cost_what_lies_around_them_and_are_an_obstacle_where_they_are_more_than_a_hundredth()
    {
        Random random = new(20_261_130);
        for (int i = 0; i < 200; i++)
        {
            // From 64 MiB to 2 GiB, in one stretch or two, which need not begin at a huge page.
            AddressRange first = Stretch(s_nowhere, random), second = Stretch(first.End + (64 << 20), random);
            AddressRange[] ranges = i % 2 == 0 ? [first] : [first, second];
            nuint[] holes = [.. Enumerable.Range(0, random.Next(12)).Select(_ => ranges[random.Next(ranges.Length)]).Select(range => range.Start + ((nuint)random.NextInt64((long)range.Length / 4096) * 4096))];
            HashSet<nuint> lost = [.. holes.Select(static hole => hole / HugePage)];
            List<(nuint Start, nuint Length)> there = [];
            long total = ranges.Sum(static range => (long)range.Length);
            HeapPages pages = Pages([], ranges, total, populate: (start, length) =>
            {
                if (holes.Any(hole => start <= hole && hole < start + length))
                {
                    return NoMemory;
                }

                there.Add((start, length));
                return 0;
            });

            PopulateOutcome outcome = pages.Populate(isServing: i % 3 == 0);

            long refused = total - there.Sum(static part => (long)part.Length);
            Assert.Equal(total - refused, outcome.Bytes);
            Assert.True(refused <= lost.Count * (long)HugePage, $"{refused} bytes are missing, around {lost.Count} holes.");
            Assert.True(there.Zip(there.Skip(1)).All(static pair => pair.First.Start + pair.First.Length <= pair.Second.Start), "A part was populated twice.");
            Assert.Equal(refused > total / 100, outcome.Obstacle is not null);
        }
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 16)]
    public void While_requests_run_no_call_takes_more_than_a_huge_page_and_none_parts_one(bool isServing, int most)
    {
        List<(nuint Start, nuint Length)> calls = [];
        AddressRange range = new(s_nowhere + 4096, s_nowhere + (100 << 20) + 8192);
        HeapPages pages = Pages([], [range], (long)range.Length, populate: (start, length) =>
        {
            calls.Add((start, length));
            return 0;
        });

        Assert.Equal(new((long)range.Length, null), pages.Populate(isServing));

        Assert.Equal((long)range.Length, calls.Sum(static call => (long)call.Length));
        Assert.All(calls, call => Assert.True(call.Length <= (nuint)(most * Mebi)));
        Assert.All(calls.Skip(1), static call => Assert.Equal(0u, call.Start % HugePage));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Where_the_memory_of_the_process_cannot_be_listed_nothing_is_faulted_in(bool isBeforeUnknown, bool isAfterUnknown)
    {
        AddressRange range = new(s_nowhere, s_nowhere + (64 << 20));
        HeapPages pages = Pages(isBeforeUnknown ? null : [], isAfterUnknown ? null : [range], 64 * Mebi, populate: Never);

        Assert.Equal(new(0, "the memory of this process could not be listed (/proc/self/maps)"), pages.Populate(isServing: false));
    }

    [Fact]
    public void Where_more_came_than_the_region_nothing_is_faulted_in()
    {
        AddressRange range = new(s_nowhere, s_nowhere + ((nuint)4096 << 20));
        HeapPages pages = Pages([], [range], 2048 * Mebi, populate: Never);

        Assert.Equal(
            new(0, "the region is of 2147483648 bytes, and 4294967296 have come to the memory of this process: not all of them are the heap's"), pages.Populate(isServing: false));
    }

    // The GC commits a twentieth more, and whole regions.
    [Theory]
    [InlineData(32, 40)]
    [InlineData(1024, 1084)]
    public void What_the_GC_commits_beyond_what_was_asked_for_is_no_obstacle(uint size, uint came)
    {
        AddressRange range = new(s_nowhere, s_nowhere + (came << 20));
        HeapPages pages = Pages([], [range], size * Mebi);

        Assert.Equal(new(came * Mebi, null), pages.Populate(isServing: false));
    }

    [Theory]
    [InlineData(false, "the region is of 1073741824 bytes, and only 104857600 were new to the memory of this process")]
    [InlineData(true, null)] // entered again: the rest was kept
    public void Where_little_came_that_is_said_of_the_first_entry(bool isServing, string? obstacle)
    {
        AddressRange range = new(s_nowhere, s_nowhere + (100 << 20));
        HeapPages pages = Pages([], [range], 1024 * Mebi);

        Assert.Equal(new(100 * Mebi, obstacle), pages.Populate(isServing));
    }

    [Fact]
    public void Where_there_is_no_room_nothing_is_faulted_in_and_the_numbers_are_said()
    {
        AddressRange range = new(s_nowhere, s_nowhere + (32 << 20));
        HeapPages pages = Pages([], [range], 32 * Mebi, room: static () => new(Mebi, "of the test"), populate: Never);

        Assert.Equal(new(0, "there is room for 1048576 bytes of the test, and 33554432 are wanted"), pages.Populate(isServing: false));
    }

    // Replicas that are started together see the same room before the first of them has taken any.
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(5, false)]
    public void What_others_take_meanwhile_is_seen_before_the_room_is_gone(int replicas, bool isDone)
    {
        const long Room = 3000 * Mebi;
        long taken = 0;
        AddressRange range = new(s_nowhere, s_nowhere + (2048u << 20));
        HeapPages pages = Pages(
            [],
            [range],
            2048 * Mebi,
            room: () => new(Room - taken, "of the test"),
            populate: (_, length) =>
            {
                taken += replicas * (long)length;
                return 0;
            });

        PopulateOutcome outcome = pages.Populate(isServing: false);

        Assert.Equal(isDone, outcome.Obstacle is null);
        Assert.True(taken < Room, $"{taken} bytes were taken of {Room}.");
    }

    // As a set of huge pages: committed by entries and given back between them, faulted in now and then.
    [Fact]
    public void What_was_committed_since_the_last_time_is_faulted_in_once_however_many_entries_it_took()
    {
        Random random = new(20_261_130);
        for (int i = 0; i < 500; i++)
        {
            bool[] map = new bool[24], pending = new bool[24];
            int[] calls = new int[24];
            HeapPages pages = new(
                static () => MemoryRoom.Unlimited,
                () => Ranges(map),
                (start, length) =>
                {
                    for (nuint page = (start - s_nowhere) / HugePage; page < (start - s_nowhere + length) / HugePage; page++)
                    {
                        calls[page]++;
                    }

                    return 0;
                });
            for (int step = 0; step < 6; step++)
            {
                Toggle(from: true, share: 4);
                pages.BeforeCommit();
                bool[] before = [.. map];
                Toggle(from: false, share: 2);
                pages.AfterCommit(24 * (long)HugePage);
                pending = [.. pending.Select((was, page) => was || (map[page] && !before[page]))];
                if (random.Next(2) == 0)
                {
                    Assert.Null(pages.Populate(isServing: true).Obstacle);

                    Assert.Equal(pending.Select(static was => was ? 1 : 0), calls);
                    Assert.Equal(default, pages.Populate(isServing: true));
                    Array.Clear(pending);
                    Array.Clear(calls);
                }
            }

            void Toggle(bool from, int share) => map = [.. map.Select(has => has == from && random.Next(share) == 0 ? !has : has)];
        }

        static List<AddressRange> Ranges(bool[] pages)
        {
            List<AddressRange> ranges = [];
            for (int page = 0; page < pages.Length; page++)
            {
                if (pages[page])
                {
                    nuint start = s_nowhere + ((nuint)page * HugePage);
                    if (ranges.Count > 0 && ranges[^1].End == start)
                    {
                        ranges[^1] = new(ranges[^1].Start, start + HugePage);
                    }
                    else
                    {
                        ranges.Add(new(start, start + HugePage));
                    }
                }
            }

            return ranges;
        }
    }

    [Fact]
    public void A_host_that_stops_ends_it()
    {
        AddressRange range = new(s_nowhere, s_nowhere + (64 << 20));
        HeapPages? pages = null;
        pages = Pages([], [range], 64 * Mebi, populate: (_, _) =>
        {
            pages!.Stop();
            return 0;
        });

        Assert.Equal(new(16 * Mebi, "the host stops"), pages.Populate(isServing: false));
    }

    [Fact]
    public void It_ends_where_nobody_needs_it_any_more()
    {
        AddressRange range = new(s_nowhere, s_nowhere + (64 << 20));
        int calls = 0;
        HeapPages pages = Pages([], [range], 64 * Mebi, populate: (_, _) => ++calls * 0);

        Assert.Equal(new(6 * Mebi, "nobody needs it any more"), pages.Populate(isServing: true, () => calls < 3));
        Assert.Equal(3, calls);
    }

    /// <summary>Of an entry that has happened: the memory of the process was listed so before it, and so after.</summary>
    private static HeapPages Pages(
        IReadOnlyList<AddressRange>? before, IReadOnlyList<AddressRange>? after, long size, Func<MemoryRoom>? room = null, Func<nuint, nuint, int>? populate = null)
    {
        Queue<IReadOnlyList<AddressRange>?> lists = new([before, after]);
        bool isReal = after?.Any(static range => range.Start < s_nowhere) is true;
        HeapPages pages = new(room ?? (static () => MemoryRoom.Unlimited), lists.Dequeue, populate ?? (isReal ? MemoryRegion.PopulateForeign : static (_, _) => 0));
        pages.BeforeCommit();
        pages.AfterCommit(size);
        return pages;
    }

    private static int Never(nuint start, nuint length)
    {
        Assert.Fail($"{length} bytes were faulted in.");
        return 0;
    }

    private static AddressRange Stretch(nuint from, Random random)
    {
        nuint start = from + ((nuint)random.Next(1024) * 4096);
        return new(start, start + ((nuint)random.Next(16 << 10, 256 << 10) * 4096));
    }

    private static AddressRange All(MemoryRegion region) => new((nuint)region.Base, (nuint)region.Base + region.Size);

    private static MemoryRegion Committed()
    {
        MemoryRegion region = MemoryRegion.Reserve(32 << 20);
        region.Commit(0, region.Size);
        return region;
    }

    /// <summary>Pages of it that are in memory (mincore(2)); none of what is unmapped.</summary>
    private static int Resident(MemoryRegion region)
    {
        byte[] pages = new byte[(int)(region.Size / (nuint)Environment.SystemPageSize)];
        fixed (byte* vector = pages)
        {
            Assert.Equal(0, MinCore(region.Base, region.Size, vector));
        }

        return pages.Count(static page => (page & 1) != 0);
    }

    [DllImport("libc", EntryPoint = "mincore")]
    private static extern int MinCore(byte* start, nuint length, byte* vector);
}
