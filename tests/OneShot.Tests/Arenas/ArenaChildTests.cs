namespace OneShot.Tests.Arenas;

public class ArenaChildTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_child_is_an_arena_of_its_own_that_ends_with_its_parents_request(bool debug)
    {
        using ProcessArena process = Process(debug);
        using Arena arena = process.CreateArena();
        arena.Owner = "parent";
        Span<byte> own = arena.Allocate<byte>(100);
        own.Fill(1);
        Arena child = arena.CreateChild();
        Arena grandchild = child.CreateChild();
        Assert.Equal("parent", child.Owner);
        for (int phase = 0; phase < 10; phase++)
        {
            Span<byte> memory = child.Allocate<byte>(5000);
            Assert.False(memory.ContainsAnyExcept((byte)0));
            memory.Fill(2);
            child.Reset();
            if (phase == 0)
            {
                Assert.Throws<ObjectDisposedException>(() => grandchild.New(1));
            }
        }

        Assert.False(own.ContainsAnyExcept((byte)1));
        Assert.Equal(104, arena.Allocated);
        Assert.Equal(2, process.Statistics.Arenas);
        child.New(1);
        arena.Reset();
        Assert.Throws<ObjectDisposedException>(() => child.New(1));
        Assert.Equal(1, process.Statistics.Arenas);
        arena.Dispose();
        Assert.Equal(0, process.Used);
        Assert.Throws<ObjectDisposedException>(() => arena.CreateChild());
    }

    [Fact]
    public void A_mark_that_is_rewound_ends_the_children_that_were_made_under_it()
    {
        using ProcessArena process = Process(debug: false);
        using Arena arena = process.CreateArena();
        Arena outer = arena.CreateChild();
        Arena inner;
        using (arena.Mark())
        {
            inner = arena.CreateChild();
            inner.New(1);
        }

        Assert.Throws<ObjectDisposedException>(() => inner.New(1));
        Assert.Equal(5, outer.New(5));
        outer.Dispose();
        arena.Reset();
        Assert.Equal(1, process.Statistics.Arenas);
    }

    [Fact]
    public async Task Threads_work_in_children_of_one_request()
    {
        using ProcessArena process = Process(debug: false);
        using Arena arena = process.CreateArena();
        for (int request = 0; request < 50; request++)
        {
            Arena[] children = [arena.CreateChild(), arena.CreateChild(), arena.CreateChild()];
            long[] sums = await Task.WhenAll(children.Select((child, index) => Task.Run(() =>
            {
                ArenaList<int> list = child.CreateList<int>();
                for (int item = 0; item < 2000; item++)
                {
                    list.Add(index);
                }

                return list.Span.ToArray().Sum(item => (long)item);
            })));
            Assert.Equal([0, 2000, 4000], sums);
            arena.Reset();
        }

        Assert.Equal(1, process.Statistics.Arenas);
    }

    [Fact]
    public void A_child_whose_callbacks_fail_is_disposed_and_says_so_to_the_parent()
    {
        using ProcessArena process = Process(debug: false);
        using Arena arena = process.CreateArena();
        arena.CreateChild().OnReset(_ => throw new FormatException("of the child"), null);
        AggregateException failed = Assert.Throws<AggregateException>(arena.Reset);
        Assert.Equal("of the child", Assert.IsType<FormatException>(Assert.Single(failed.Flatten().InnerExceptions)).Message);
        Assert.Equal(1, process.Statistics.Arenas);
    }

    private static ProcessArena Process(bool debug) =>
        new(new() { Capacity = 4 << 20, BlockSize = 4096, Reclamation = ArenaReclamation.PerRequest, Debug = debug });
}
