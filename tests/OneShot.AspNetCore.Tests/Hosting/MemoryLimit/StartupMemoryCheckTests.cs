using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Hosting;
using OneShot.AspNetCore.Hosting.MemoryLimit;

namespace OneShot.AspNetCore.Tests.Hosting.MemoryLimit;

public class StartupMemoryCheckTests
{
    private const long Mebi = 1 << 20;

    [Theory]
    [InlineData(512, 384, 64)] // the GC's default of 75 %, the arena's default
    [InlineData(1024, 768, 192)]
    [InlineData(256, 64, 128)]
    public void What_fits_is_worth_no_word(long limit, long heap, long capacity) =>
        Assert.Empty(Warnings(limit, new GcHeapLimit(heap * Mebi, IsFixed: false), capacity));

    [Fact]
    public void What_does_not_fit_is_told_with_the_numbers_to_set()
    {
        string warning = Assert.Single(Warnings(256, new GcHeapLimit(192 * Mebi, IsFixed: false), 64));

        Assert.Equal(
            "The container's memory limit is 256MiB, but OneShot:Capacity (64MiB), the heap limit of the GC (192MiB) and 64MiB for everything else may come to 320MiB, and the kernel would kill the process. Set DOTNET_GCHeapHardLimit=8000000 (hexadecimal, no 0x: 128MiB), or a memory limit of 512MiB.",
            warning);
    }

    [Theory]
    [InlineData(128, null, "8000000", true)]
    [InlineData(128, null, "0x8000000", true)]
    [InlineData(192, null, "0x8000000", false)] // compiled ahead of time: not taken, so the limit follows the container's
    [InlineData(192, null, "nonsense", false)]
    [InlineData(192, null, null, false)]
    [InlineData(128, "134217728", null, true)]
    [InlineData(128, "0x8000000", null, true)]
    [InlineData(128, "8000000", null, false)]
    public void A_heap_limit_is_fixed_only_if_the_GC_goes_by_it(long measured, string? setting, string? variable, bool isFixed) =>
        Assert.Equal(new GcHeapLimit(measured * Mebi, isFixed), GcHeapLimit.From(measured * Mebi, setting, variable));

    [Theory]
    [InlineData(true, 700, "a memory limit of 764MiB, or OneShot:Capacity to 36MiB.")] // 600 and 64 stay
    [InlineData(false, 700, "a memory limit of 1148MiB, or OneShot:Capacity to 36MiB.")] // six sevenths of it go to the GC
    [InlineData(false, 128, "Set a memory limit of 764MiB.")] // the GC does not know of this limit
    public void A_larger_limit_counts_with_a_heap_that_follows_it_or_does_not(bool isFixed, long limit, string remedy) =>
        Assert.EndsWith(remedy, Assert.Single(Warnings(limit, new GcHeapLimit(600 * Mebi, isFixed), 100)), StringComparison.Ordinal);

    [Theory]
    [InlineData(256, 192, false, 64)]
    [InlineData(512, 500, true, 200)]
    [InlineData(300, 225, false, 100)]
    public void What_it_says_to_set_fits(long limit, long heap, bool isFixed, long capacity)
    {
        string warning = Assert.Single(Warnings(limit, new GcHeapLimit(heap * Mebi, isFixed), capacity));

        long suggested = long.Parse(warning.Split("a memory limit of ")[1].Split("MiB")[0], System.Globalization.CultureInfo.InvariantCulture);
        long then = isFixed ? heap * Mebi : (long)(suggested * Mebi * ((double)heap / limit));
        Assert.Empty(Warnings(suggested, new GcHeapLimit(then, isFixed), capacity));
        if (warning.Split("DOTNET_GCHeapHardLimit=") is [_, { } after])
        {
            string hex = after.Split(' ')[0];
            Assert.Empty(Warnings(limit, new GcHeapLimit(Convert.ToInt64(hex, 16), IsFixed: true), capacity));
        }
    }

    [Theory]
    [InlineData(512, 384, false, 64, 260)] // 273 and 32 of 384, and with 128 beside that 84.6 %
    [InlineData(1024, 700, true, 192, 550)]
    public void A_budget_that_fits_into_the_heap_is_worth_no_word(long limit, long heap, bool isFixed, long capacity, long region) =>
        Assert.Empty(Warnings(limit, new GcHeapLimit(heap * Mebi, isFixed), capacity, region: region));

    [Fact]
    public void A_budget_that_does_not_fit_is_told_with_the_numbers_to_set()
    {
        string warning = Assert.Single(Warnings(512, new GcHeapLimit(384 * Mebi, IsFixed: false), 64, region: 400));

        Assert.Equal(
            "The container's memory limit is 512MiB: OneShot:Capacity (64MiB), 64MiB for everything else, and a heap of the GC with OneShot:Heap:Budget, large objects and what lives (452MiB) come to 580MiB, and the heap limit of the GC is 384MiB. Set a memory limit of 683MiB, or a smaller OneShot:Heap:Budget (261MiB with its large objects).",
            warning);
    }

    [Theory]
    [InlineData(512, 384, false, 64, 400)]
    [InlineData(1024, 384, true, 64, 400)]
    [InlineData(512, 256, true, 64, 400)]
    [InlineData(512, 500, true, 64, 400)]
    [InlineData(4096, 3072, false, 1024, 2700)]
    public void What_it_says_to_set_fits_with_a_budget_too(long limit, long heap, bool isFixed, long capacity, long region)
    {
        string warning = Assert.Single(Warnings(limit, new GcHeapLimit(heap * Mebi, isFixed), capacity, region: region));

        string after = warning.Split("a memory limit of ")[1];
        long suggested = Size(after.Split(' ', ',', '.')[0]) / Mebi;
        long then = after.Split("MiB and DOTNET_GCHeapHardLimit=") is [_, { } both] ? Convert.ToInt64(both.Split(',')[0], 16)
            : isFixed ? heap * Mebi
            : (long)(suggested * Mebi * ((double)heap / limit));
        Assert.Empty(Warnings(suggested, new GcHeapLimit(then, isFixed), capacity, region: region));
        if (warning.Split("Set DOTNET_GCHeapHardLimit=") is [_, { } alone])
        {
            Assert.Empty(Warnings(limit, new GcHeapLimit(Convert.ToInt64(alone.Split(' ')[0], 16), IsFixed: true), capacity, region: region));
        }
    }

    // By the limits alone it fits: 16 + 896 + 64 of 1,024 MiB. But it would be at 91 % when it has started, where nothing can be collected.
    [Fact]
    public void A_budget_that_would_have_the_process_restarted_as_soon_as_it_has_started_is_told()
    {
        string warning = Assert.Single(Warnings(1024, new GcHeapLimit(896 * Mebi, IsFixed: true), 16, region: 787));

        Assert.Equal(
            "The container's memory limit is 1GiB: OneShot:Capacity (16MiB), 64MiB for everything else, and a heap of the GC with OneShot:Heap:Budget, large objects and what lives (859MiB) come to 939MiB, which no collection makes less, and from 85 % of the limit on (870MiB) the process may be restarted, however young it is (OneShot:Restart:MemoryLimit:WarnAt). "
            + "Set a memory limit of 1105MiB, or a smaller OneShot:Heap:Budget (721MiB with its large objects).",
            warning);
    }

    [Fact]
    public void The_share_that_holds_is_where_the_containers_own_source_warns()
    {
        GcHeapLimit heap = new(896 * Mebi, IsFixed: true);

        Assert.Single(Warnings(1024, heap, 16, region: 787, warnAt: 0.91));
        Assert.Empty(Warnings(1024, heap, 16, region: 787, warnAt: 0.92));
    }

    // Each of the remedies by itself, for any numbers.
    [Fact]
    public void Whatever_it_says_to_set_fits_and_what_it_calls_fitting_starts_below_the_warning()
    {
        Random random = new(20_261_130);
        int told = 0;
        for (int i = 0; i < 5_000; i++)
        {
            long limit = random.Next(128, 8192), capacity = random.Next(1, 1024), region = random.Next(2) * random.Next(18, 6000);
            bool isFixed = random.Next(2) == 0, succeed = random.Next(3) == 0;
            double warnAt = random.Next(50, 100) / 100.0;
            GcHeapLimit gc = isFixed ? new(random.Next(32, 8192) * Mebi, IsFixed: true) : new(limit * Mebi / 4 * 3, IsFixed: false);
            string[] warnings = [.. Warnings(limit, gc, capacity, region: region, succeed: succeed, warnAt: warnAt)];
            if (warnings.Length == 0)
            {
                long atStart = (succeed ? 2 : 1) * (capacity + (region * 21 / 20) + 32 + 64);
                Assert.True(region == 0 || atStart <= warnAt * limit, $"{atStart} of {limit} MiB fit, with {warnAt}.");
                continue;
            }

            told++;
            string remedies = warnings[0].Split(" Set ")[1].TrimEnd('.');
            foreach (string remedy in remedies.Split(", or "))
            {
                (long newLimit, GcHeapLimit newGc, long newCapacity, long newRegion) = (limit, gc, capacity, region);
                if (After(remedy, "a memory limit of ") is { } suggested)
                {
                    newLimit = Size(suggested) / Mebi;
                    newGc = isFixed ? gc : new((long)(newLimit * Mebi * ((double)gc.Bytes / (limit * Mebi))), IsFixed: false);
                }

                if (After(remedy, "DOTNET_GCHeapHardLimit=") is { } hexadecimal)
                {
                    newGc = new(Convert.ToInt64(hexadecimal, 16), IsFixed: true);
                }

                newCapacity = After(remedy, "OneShot:Capacity to ") is { } smaller ? Size(smaller) / Mebi : newCapacity;
                newRegion = After(remedy, "OneShot:Heap:Budget (") is { } budget ? Size(budget) / Mebi : newRegion;
                if ((newLimit, newGc, newCapacity, newRegion) != (limit, gc, capacity, region))
                {
                    Assert.True(!Warnings(newLimit, newGc, newCapacity, region: newRegion, succeed: succeed, warnAt: warnAt).Any(), $"{warnings[0]}\n{remedy}");
                }
            }
        }

        Assert.InRange(told, 1000, 4999);

        static string? After(string text, string name) => text.Split(name) is [_, { } rest] ? rest.Split(' ', ')')[0] : null;
    }

    // Two processes: each with 64 + 96 + 64 MiB, in a container that would hold one.
    [Fact]
    public void A_successor_needs_the_same_memory_once_more()
    {
        GcHeapLimit heap = new(96 * Mebi, IsFixed: true);
        Assert.Empty(Warnings(448, heap, 64, succeed: true));

        string warning = Assert.Single(Warnings(447, heap, 64, succeed: true));

        Assert.Equal(
            "The container's memory limit is 447MiB, but OneShot:Capacity (64MiB), the heap limit of the GC (96MiB) and 64MiB for everything else, twice while a successor takes over (OneShot:Restart:Succeed), may come to 448MiB, and the kernel would kill the process. "
            + "Set DOTNET_GCHeapHardLimit=5F00000 (hexadecimal, no 0x: 95MiB), or a memory limit of 448MiB, or OneShot:Capacity to 63MiB.",
            warning);
    }

    // Two heaps of three quarters of the container each fit into none.
    [Fact]
    public void A_heap_that_grows_with_the_container_is_to_be_limited_for_a_successor()
    {
        string warning = Assert.Single(Warnings(1024, new GcHeapLimit(768 * Mebi, IsFixed: false), 64, succeed: true));

        Assert.EndsWith("Set DOTNET_GCHeapHardLimit=18000000 (hexadecimal, no 0x: 384MiB), or a memory limit of 512MiB and DOTNET_GCHeapHardLimit=8000000.", warning, StringComparison.Ordinal);
        Assert.Empty(Warnings(1024, new GcHeapLimit(384 * Mebi, IsFixed: true), 64, succeed: true));
        Assert.Empty(Warnings(512, new GcHeapLimit(128 * Mebi, IsFixed: true), 64, succeed: true));
    }

    [Fact]
    public void Refuse_stops_the_start_with_the_same_message()
    {
        OneShotOptions options = new() { MemoryCheck = MemoryCheck.Refuse };

        OptionsValidationException exception = Assert.Throws<OptionsValidationException>(
            () => StartupMemoryCheck.Run(options, options.Capacity, 256 * Mebi, new GcHeapLimit(192 * Mebi, IsFixed: false), new RecordingLog().CreateLogger("")));

        Assert.StartsWith("The container's memory limit is 256MiB, but OneShot:Capacity (64MiB)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Off_says_nothing_and_no_limit_is_none()
    {
        GcHeapLimit heap = new(Mebi, IsFixed: false);

        Assert.Empty(Warnings(1, heap, 64, MemoryCheck.Off));
        Assert.Empty(Warnings(null, heap, 64, MemoryCheck.Refuse));
    }

    private static long Size(string text)
    {
        Assert.True(ByteSize.TryParse(text, out long bytes), text);
        return bytes;
    }

    private static IEnumerable<string> Warnings(long? limit, GcHeapLimit gc, long capacity, MemoryCheck check = MemoryCheck.Warn, long region = 0, bool succeed = false, double warnAt = 0.85)
    {
        RecordingLog log = new();
        OneShotOptions options = new() { Capacity = capacity * Mebi, MemoryCheck = check };
        (options.Restart.Succeed, options.Restart.MemoryLimit.WarnAt) = (succeed, warnAt);
        (options.Heap.Budget, options.Heap.LargeObjects) = (region * Mebi - region * Mebi / 9, region * Mebi / 9);
        StartupMemoryCheck.Run(options, options.Capacity, limit * Mebi, gc, log.CreateLogger(""));
        return log.Warnings;
    }
}
