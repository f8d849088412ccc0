using OneShot.AspNetCore.Hosting.MemoryLimit;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Hosting.MemoryLimit;

public sealed class ContainerMemoryTests : IDisposable
{
    private const string MountV2 = "30 29 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup rw,nsdelegate";
    private const string MountV1 = "34 25 0:29 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory";
    private const string StatV2 = "anon 600\nfile 350\nkernel 50\ninactive_anon 1\nactive_anon 599\ninactive_file 100\nactive_file 250\nunevictable 0\nslab_reclaimable 20\nslab 30\n";
    private const string StatV1 = "cache 1\ninactive_file 7\nactive_file 8\nhierarchical_memory_limit 9223372036854771712\ntotal_cache 350\ntotal_inactive_file 100\ntotal_active_file 250\n";

    private readonly string _root = Directory.CreateTempSubdirectory("cgroup").FullName;

    [Fact]
    public void In_version_2_what_the_kernel_can_take_back_is_not_counted()
    {
        WriteV2("2000\n", "1000\n", StatV2);

        Assert.Equal(new MemoryReading(630, 2000), Read());
    }

    [Fact]
    public void In_version_1_likewise_by_the_totals()
    {
        WriteV1("2000\n", "1000\n", StatV1);

        Assert.Equal(new MemoryReading(650, 2000), Read());
    }

    [Fact]
    public void A_page_cache_that_fills_the_container_is_no_use_of_it()
    {
        WriteV2("1000\n", "1000\n", "inactive_file 300\nactive_file 600\n");

        Assert.Equal(new MemoryReading(100, 1000), Read());
    }

    [Fact]
    public void Two_files_of_two_moments_never_make_less_than_nothing()
    {
        WriteV2("1000\n", "100\n", "inactive_file 300\n");

        Assert.Equal(new MemoryReading(0, 1000), Read());
    }

    [Fact]
    public void Of_a_parent_with_a_lower_limit_all_that_its_members_use_counts()
    {
        WriteV2("5000\n", "1000\n", StatV2);
        Write("sys/fs/cgroup/memory.max", "3000\n");
        Write("sys/fs/cgroup/memory.current", "2500\n");
        Write("sys/fs/cgroup/memory.stat", "inactive_file 500\n");

        Assert.Equal(new MemoryReading(2000, 3000), Read());
    }

    // The kernel kills by the limit that is reached first, which need not be the lowest.
    [Theory]
    [InlineData("3000\n", 2000, 3000)]
    [InlineData("9000\n", 2000, 9000)] // 22 % of it, and 21 % of the own one
    [InlineData("12000\n", 630, 3000)]
    [InlineData("max\n", 630, 3000)]
    public void Of_several_limits_the_one_that_is_nearest_counts(string parent, long used, long limit)
    {
        WriteV2("3000\n", "1000\n", StatV2);
        Write("sys/fs/cgroup/memory.max", parent);
        Write("sys/fs/cgroup/memory.current", "2500\n");
        Write("sys/fs/cgroup/memory.stat", "inactive_file 500\n");

        Assert.Equal(new MemoryReading(used, limit), Read());
    }

    [Fact]
    public void In_version_1_a_parent_in_sight_is_held_against_all_that_its_members_use()
    {
        Write("proc/self/cgroup", "4:memory:/docker/abc\n");
        Write("proc/self/mountinfo", MountV1 + "\n");
        foreach ((string folder, string limit, string usage) in new[] { ("docker/abc/", "9223372036854771712\n", "1000\n"), ("docker/", "2000\n", "1900\n") })
        {
            Write($"sys/fs/cgroup/memory/{folder}memory.limit_in_bytes", limit);
            Write($"sys/fs/cgroup/memory/{folder}memory.usage_in_bytes", usage);
            Write($"sys/fs/cgroup/memory/{folder}memory.stat", StatV1.Replace("9223372036854771712", "2000", StringComparison.Ordinal));
        }

        Assert.Equal(new MemoryReading(1550, 2000), Read());
    }

    [Theory]
    [InlineData("1500\n", 1500)]
    [InlineData("max\n", 2000)]
    [InlineData("5000\n", 2000)]
    [InlineData("nonsense\n", 2000)]
    public void Where_the_kernel_throttles_is_a_limit_too(string high, long limit)
    {
        WriteV2("2000\n", "1000\n", StatV2);
        Write("sys/fs/cgroup/app/memory.high", high);

        Assert.Equal(new MemoryReading(630, limit), Read());
    }

    // "No limit" would take a draining back.
    [Theory]
    [InlineData("")]
    [InlineData("nonsense\n")]
    public void A_limit_that_cannot_be_read_is_not_none(string limit)
    {
        WriteV2("2000\n", "1000\n", StatV2);
        ContainerMemory memory = ContainerMemory.Find(_root)!;

        WriteV2(limit, "1100\n", StatV2);
        Assert.False(memory.TryRead(out _));
        File.Delete(Path.Combine(_root, "sys/fs/cgroup/app/memory.max"));
        Assert.False(memory.TryRead(out _));
    }

    [Fact]
    public void In_version_1_a_lower_limit_of_parents_out_of_sight_holds()
    {
        WriteV1("9223372036854771712\n", "1000\n", StatV1.Replace("9223372036854771712", "1500", StringComparison.Ordinal));

        Assert.Equal(new MemoryReading(650, 1500), Read());
    }

    [Fact]
    public void On_a_hybrid_system_the_hierarchy_that_limits_is_read()
    {
        Write("proc/self/cgroup", "4:memory:/app\n0::/app\n");
        Write("proc/self/mountinfo", $"{MountV1}\n30 29 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup rw\n");
        Write("sys/fs/cgroup/memory/app/memory.limit_in_bytes", "2000\n");
        Write("sys/fs/cgroup/memory/app/memory.usage_in_bytes", "1000\n");
        Write("sys/fs/cgroup/memory/app/memory.stat", StatV1);
        Write("sys/fs/cgroup/unified/app/cgroup.procs", "1\n");

        Assert.Equal(new MemoryReading(650, 2000), Read());
    }

    [Theory]
    [InlineData("max\n", "1000\n", "anon 1\n")]
    [InlineData("0\n", "1000\n", "anon 1\n")]
    [InlineData("many\n", "1000\n", "anon 1\n")]
    [InlineData("99999999999999999999\n", "1000\n", "anon 1\n")]
    [InlineData("1000 1000\n", "1000\n", "anon 1\n")]
    [InlineData("-1000\n", "1000\n", "anon 1\n")]
    [InlineData("", "1000\n", "anon 1\n")]
    [InlineData("1000\n", null, "anon 1\n")]
    [InlineData("1000\n", "", "anon 1\n")]
    [InlineData("1000\n", "nonsense\n", "anon 1\n")]
    [InlineData("1000\n", "1000\n", null)]
    [InlineData("1000\n", "1000\n", "")]
    public void Without_a_limit_or_without_a_file_there_is_no_source(string? limit, string? usage, string? statistics)
    {
        WriteV2(limit, usage, statistics);

        Assert.Null(ContainerMemory.Find(_root));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("garbage\n::\n:\n1:memory\n")]
    [InlineData("0::/elsewhere\n")]
    public void Without_control_groups_there_is_no_source(string? membership)
    {
        Write("proc/self/cgroup", membership);

        Assert.Null(ContainerMemory.Find(_root));
    }

    [Fact]
    public void Lines_that_make_no_sense_are_passed_over()
    {
        WriteV2("2000\n", "1000\n", "\n\ninactive_file\ninactive_file x\nactive_file -5\nactive_files 900\n inactive_file 900\nslab_reclaimable 20 and more\n=");

        Assert.Equal(new MemoryReading(980, 2000), Read());
    }

    [Fact]
    public void A_folder_in_the_place_of_a_file_is_no_error()
    {
        WriteV2("2000\n", "1000\n", statistics: null);
        Directory.CreateDirectory(Path.Combine(_root, "sys/fs/cgroup/app/memory.stat"));

        Assert.Null(ContainerMemory.Find(_root));
    }

    [Fact]
    public void A_limit_is_read_anew_each_time_and_may_go()
    {
        WriteV2("2000\n", "1000\n", StatV2);
        ContainerMemory memory = ContainerMemory.Find(_root)!;

        WriteV2("1500\n", "1100\n", StatV2);
        Assert.True(memory.TryRead(out MemoryReading reading));
        Assert.Equal(new MemoryReading(730, 1500), reading);

        WriteV2("max\n", "1100\n", StatV2);
        Assert.True(memory.TryRead(out reading));
        Assert.Equal(MemoryReading.NoLimit, reading.Limit);

        WriteV2("1500\n", "once more\n", StatV2);
        Assert.False(memory.TryRead(out _));
    }

    // A parent may be nearer to its limit, and have more room all the same: 20 of 60 GiB, and 0.9 of 2.
    [Fact]
    public void The_room_is_that_of_the_group_with_the_least_and_not_of_the_one_that_is_nearest_to_its_limit()
    {
        const long Gibi = 1L << 30;
        WriteV2(Text(2 * Gibi), Text(11 * Gibi / 10), "anon 1\n");
        WriteGroup("", 60 * Gibi, 41 * Gibi);

        Assert.Equal(60 * Gibi, Read().Limit);
        Assert.Equal((2 * Gibi) - (11 * Gibi / 10), ContainerMemory.Room(1, _root));
    }

    [Fact]
    public void The_room_is_the_least_of_all_groups_up_to_the_share_of_their_limits()
    {
        Random random = new(20_261_130);
        for (int i = 0; i < 300; i++)
        {
            double share = random.Next(1, 101) / 100.0;
            long least = MemoryReading.NoLimit;
            Write("proc/self/cgroup", "0::/a/b\n");
            Write("proc/self/mountinfo", MountV2);
            foreach (string folder in new[] { "", "a/", "a/b/" })
            {
                bool isLimited = random.Next(4) > 0;
                (long limit, long used) = (random.NextInt64(1, 1L << 40), random.NextInt64(1L << 40));
                WriteGroup(folder, isLimited ? limit : null, used);
                least = isLimited ? Math.Min(least, Math.Max(0, (long)(share * limit) - used)) : least;
            }

            Assert.Equal(least, ContainerMemory.Room(share, _root));
        }
    }

    [Theory]
    [InlineData("memory.max", "")]
    [InlineData("memory.max", "nonsense\n")]
    [InlineData("memory.current", "")]
    [InlineData("memory.current", "nonsense\n")]
    [InlineData("memory.stat", "")]
    public void A_group_that_cannot_be_read_has_no_room(string file, string text)
    {
        WriteV2("2000\n", "1000\n", StatV2);
        WriteGroup("", 3000, 1000);
        Assert.Equal(1370, ContainerMemory.Room(1, _root));

        Write($"sys/fs/cgroup/{file}", text);
        Assert.Equal(0, ContainerMemory.Room(1, _root));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0::/elsewhere\n")]
    public void Without_control_groups_nothing_bounds_the_room(string? membership)
    {
        Write("proc/self/cgroup", membership);

        Assert.Equal(MemoryReading.NoLimit, ContainerMemory.Room(0.85, _root));
    }

    // The same numbers as in the start-up check's message: 1 GiB, of which 85 % are 870 MiB.
    [Theory]
    [InlineData(1024, 100, 8000, 770, "below 85 % of the container's memory limit (OneShot:Restart:MemoryLimit:WarnAt)")]
    [InlineData(1024, 900, 8000, 0, "below 85 % of the container's memory limit (OneShot:Restart:MemoryLimit:WarnAt)")]
    [InlineData(1024, 100, 1000, 500, "in the machine, of whose memory a twentieth is left to others")]
    [InlineData(null, 100, 1000, 500, "in the machine, of whose memory a twentieth is left to others")]
    [InlineData(null, 100, 400, 0, "in the machine, of whose memory a twentieth is left to others")]
    public void The_smaller_of_the_containers_room_and_the_machines_bounds_what_is_faulted_in(int? limit, int used, int available, int room, string bound)
    {
        const long Mebi = 1 << 20;
        WriteV2(limit is { } some ? Text(some * Mebi) : "max\n", Text(used * Mebi), "anon 1\n");
        Write("proc/meminfo", $"MemTotal:       {10_000 << 10} kB\nMemFree:          1 kB\nMemAvailable:   {available << 10} kB\nHugePages_Total:       0\n");

        MemoryRoom free = FreeMemory.Read(0.85, _root);

        Assert.Equal((room, bound), (free.Bytes / Mebi, free.Bound));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("MemTotal: 1000 kB\n")]
    [InlineData("MemAvailable: 1000 kB\n")]
    [InlineData("MemTotal: 1000 kB\nMemAvailable: many kB\n")]
    [InlineData("MemTotal: 1000 kB\nMemAvailable: 1000\n")]
    [InlineData("MemTotal: 1000 kB\nMemAvailable: -1000 kB\n")]
    [InlineData("MemTotal: 1000 kB\nMemAvailable: 9223372036854775807 kB\n")]
    public void A_machine_whose_memory_cannot_be_read_has_no_room(string? text)
    {
        Write("proc/meminfo", text);

        Assert.Equal(0, MachineMemory.Room(_root));
        Assert.Equal(0, FreeMemory.Read(0.85, _root).Bytes);
    }

    [Fact]
    public void This_machine_has_room() => Assert.True(!OperatingSystem.IsLinux() || MachineMemory.Room() > 0);

    [Fact]
    public void This_machine_is_read_without_an_error() => Assert.False(ContainerMemory.Find() is { } memory && !memory.TryRead(out _));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private MemoryReading Read()
    {
        Assert.True(ContainerMemory.Find(_root)!.TryRead(out MemoryReading reading));
        return reading;
    }

    private void WriteV2(string? limit, string? usage, string? statistics)
    {
        Write("proc/self/cgroup", "0::/app\n");
        Write("proc/self/mountinfo", MountV2);
        Write("sys/fs/cgroup/app/memory.max", limit);
        Write("sys/fs/cgroup/app/memory.current", usage);
        Write("sys/fs/cgroup/app/memory.stat", statistics);
    }

    /// <summary>One of version 2.</summary>
    private void WriteGroup(string folder, long? limit, long used)
    {
        Write($"sys/fs/cgroup/{folder}memory.max", limit is { } some ? Text(some) : "max\n");
        Write($"sys/fs/cgroup/{folder}memory.current", Text(used));
        Write($"sys/fs/cgroup/{folder}memory.stat", "anon 1\n");
    }

    private static string Text(long bytes) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes}\n");

    private void WriteV1(string limit, string usage, string statistics)
    {
        Write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/docker/abc\n1:name=systemd:/x\n");
        Write("proc/self/mountinfo", "34 25 0:29 /docker/abc /sys/fs/cgroup/memory ro master:9 - cgroup cgroup rw,memory\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", limit);
        Write("sys/fs/cgroup/memory/memory.usage_in_bytes", usage);
        Write("sys/fs/cgroup/memory/memory.stat", statistics);
    }

    private void Write(string path, string? text)
    {
        if (text is not null)
        {
            string file = Path.Combine(_root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
    }
}
