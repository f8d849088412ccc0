using OneShot.AspNetCore.Hosting.MemoryLimit;

namespace OneShot.AspNetCore.Tests.Hosting.MemoryLimit;

public sealed class ContainerMemoryLimitTests : IDisposable
{
    private const string MountV2 = "30 29 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup rw,nsdelegate";
    private const string MountV1 = "34 25 0:29 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory";

    private readonly string _root = Directory.CreateTempSubdirectory("cgroup").FullName;

    [Theory]
    [InlineData("268435456\n", 268435456L)]
    [InlineData("max\n", null)]
    [InlineData("0\n", null)]
    [InlineData("-1\n", null)]
    [InlineData("", null)]
    [InlineData("many\n", null)]
    [InlineData("99999999999999999999\n", null)]
    public void A_limit_of_version_2_is_read(string text, long? expected)
    {
        Write("proc/self/cgroup", "0::/\n");
        Write("proc/self/mountinfo", MountV2);
        Write("sys/fs/cgroup/memory.max", text);

        Assert.Equal(expected, Read());
    }

    [Theory]
    [InlineData("268435456\n", 268435456L)]
    [InlineData("9223372036854771712\n", null)]
    [InlineData("9223372036854710272\n", null)]
    public void A_limit_of_version_1_is_read_and_its_way_to_say_none(string text, long? expected)
    {
        Write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/docker/abc\n1:name=systemd:/x\n");
        Write("proc/self/mountinfo", MountV1);
        Write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", text);

        Assert.Equal(expected, Read());
    }

    [Fact]
    public void The_lowest_limit_on_the_way_up_holds()
    {
        Write("proc/self/cgroup", "0::/kubepods/pod1/app\n");
        Write("proc/self/mountinfo", MountV2);
        Write("sys/fs/cgroup/kubepods/pod1/app/memory.max", "max\n");
        Write("sys/fs/cgroup/kubepods/pod1/memory.max", "300000000\n");
        Write("sys/fs/cgroup/kubepods/memory.max", "900000000\n");

        Assert.Equal(300_000_000, Read());
    }

    [Theory]
    [InlineData("/docker/abc", "/docker/abc")] // the container's own group is the root of the mount
    [InlineData("/", "/../abc")] // a namespace that is not the process's own
    [InlineData("/docker/other", "/docker/abc")]
    public void Inside_a_container_the_limit_stands_at_the_mount_point_whatever_the_group_is_called_outside(string mounted, string member)
    {
        Write("proc/self/cgroup", $"4:memory:{member}\n");
        Write("proc/self/mountinfo", $"34 25 0:29 {mounted} /sys/fs/cgroup/memory ro master:9 - cgroup cgroup rw,memory\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n");

        Assert.Equal(268435456, Read());
    }

    [Fact]
    public void A_mount_anywhere_else_is_found()
    {
        Write("proc/self/cgroup", "0::/app\n");
        Write("proc/self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n30 29 0:26 / /run/groups rw - cgroup2 cgroup rw\n");
        Write("run/groups/app/memory.max", "268435456\n");

        Assert.Equal(268435456, Read());
    }

    [Fact]
    public void Without_mountinfo_the_usual_places_are_looked_at()
    {
        Write("proc/self/cgroup", "0::/app\n");
        Write("sys/fs/cgroup/app/memory.max", "268435456\n");

        Assert.Equal(268435456, Read());
    }

    [Fact]
    public void On_a_hybrid_system_the_lower_of_both_holds()
    {
        Write("proc/self/cgroup", "4:memory:/app\n0::/app\n");
        Write("proc/self/mountinfo", $"{MountV1}\n30 29 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup rw\n");
        Write("sys/fs/cgroup/memory/app/memory.limit_in_bytes", "500000000\n");
        Write("sys/fs/cgroup/unified/app/memory.max", "400000000\n");

        Assert.Equal(400_000_000, Read());
    }

    [Theory]
    [InlineData(null, null)] // Windows, macOS
    [InlineData("", "")]
    [InlineData("0::/\n", null)] // WSL: control groups, and no limit's file
    [InlineData("garbage\n::\n:\n1:memory\n", "garbage - -\n- cgroup2\n\n")]
    public void Nothing_there_is_no_limit_and_no_error(string? membership, string? mounts)
    {
        Write("proc/self/cgroup", membership);
        Write("proc/self/mountinfo", mounts);

        Assert.Null(Read());
    }

    [Fact]
    public void A_folder_in_the_place_of_a_file_is_no_error()
    {
        Write("proc/self/cgroup", "0::/\n");
        Directory.CreateDirectory(Path.Combine(_root, "sys/fs/cgroup/memory.max"));

        Assert.Null(Read());
    }

    [Fact]
    public void This_machine_is_read_without_an_error() => Assert.False(ContainerMemoryLimit.Read() <= 0);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private long? Read() => ContainerMemoryLimit.Read(_root);

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
