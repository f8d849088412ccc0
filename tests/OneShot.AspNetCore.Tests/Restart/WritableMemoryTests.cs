using OneShot.AspNetCore.Restart;
using OneShot.Memory;

namespace OneShot.AspNetCore.Tests.Restart;

public unsafe class WritableMemoryTests
{
    [Fact]
    public void Private_memory_that_no_file_backs_and_that_can_be_written_to_is_listed()
    {
        Assert.Equal(
            [At(0x1000, 0x3000), At(0x7f00_0000_0000, 0x7f00_0001_0000), At(0x7f01_0000_0000, 0x7f01_0000_1000)],
            WritableMemory.Parse("""
            1000-2000 rw-p 00000000 00:00 0 
            2000-3000 rw-p 00000000 00:00 0                          [heap]
            3000-4000 ---p 00000000 00:00 0 
            5000-6000 rw-p 00001000 fd:00 1234                       /usr/lib/libc.so.6
            6000-7000 r--p 00000000 00:00 0 
            7000-8000 rw-s 00000000 00:01 0                          
            7f0000000000-7f0000010000 rw-p 00000000 00:00 0
            7f0100000000-7f0100001000 rw-p 00000000 00:00 0 [anon: a name]
            """u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("1000")]
    [InlineData("1000-")]
    [InlineData("-2000 rw-p 00000000 00:00 0 ")]
    [InlineData("2000-1000 rw-p 00000000 00:00 0 ")]
    [InlineData("1000-2000 rw-p")]
    [InlineData("1000-2000 rw-p ")]
    [InlineData("1000-2000 rw-p 00000000 00:00")]
    [InlineData("g000-2000 rw-p 00000000 00:00 0 ")]
    [InlineData("11111111111111111-2000 rw-p 00000000 00:00 0 ")]
    public void What_is_no_such_line_is_passed_over(string text) => Assert.Empty(WritableMemory.Parse(System.Text.Encoding.ASCII.GetBytes(text)));

    // Pages of a small map, as a set of each side, against the ranges.
    [Fact]
    public void What_was_added_is_what_the_one_has_and_the_other_has_not()
    {
        Random random = new(20_261_130);
        for (int i = 0; i < 2_000; i++)
        {
            bool[] before = [.. Enumerable.Range(0, 24).Select(_ => random.Next(3) > 0)];
            bool[] after = [.. Enumerable.Range(0, 24).Select(_ => random.Next(3) > 0)];
            bool[] added = [.. before.Zip(after, static (had, has) => has && !had)];

            IReadOnlyList<AddressRange> ranges = WritableMemory.Added(Ranges(before), Ranges(after));

            Assert.Equal(added, Pages(ranges));
            Assert.All(ranges, static range => Assert.True(range.Start < range.End));
        }
    }

    [Fact]
    public void Memory_that_this_process_maps_is_found()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux lists it.");
        using MemoryRegion region = MemoryRegion.Reserve(64 << 20); // first: its addresses may have been somebody's a moment ago
        IReadOnlyList<AddressRange> before = WritableMemory.Read()!;
        region.Commit(8 << 20, 32 << 20);

        IReadOnlyList<AddressRange> added = WritableMemory.Added(before, WritableMemory.Read()!);

        nuint start = (nuint)region.Base + (8 << 20);
        Assert.Contains(added, range => range.Start <= start && range.End >= start + (32 << 20));
    }

    // "Nothing" before would make all of it new.
    [Fact]
    public void What_cannot_be_read_is_not_nothing()
    {
        string folder = Directory.CreateTempSubdirectory("maps").FullName;
        try
        {
            string empty = Path.Combine(folder, "empty");
            File.WriteAllText(empty, "");

            Assert.Null(WritableMemory.Read(Path.Combine(folder, "none")));
            Assert.Null(WritableMemory.Read(folder));
            Assert.Null(WritableMemory.Read(empty));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static AddressRange At(ulong start, ulong end) => new((nuint)start, (nuint)end);

    private static List<AddressRange> Ranges(bool[] pages)
    {
        List<AddressRange> ranges = [];
        for (int i = 0; i < pages.Length; i++)
        {
            if (pages[i])
            {
                int start = i;
                while (i < pages.Length && pages[i])
                {
                    i++;
                }

                ranges.Add(new((nuint)start, (nuint)i));
            }
        }

        return ranges;
    }

    private static bool[] Pages(IReadOnlyList<AddressRange> ranges) =>
        [.. Enumerable.Range(0, 24).Select(page => ranges.Any(range => range.Start <= (nuint)page && (nuint)page < range.End))];
}
