using System.Runtime.CompilerServices;

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

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Children_that_have_ended_leave_no_trace_in_their_parent(int living)
    {
        using ProcessArena process = Process(debug: false);
        using Arena arena = process.CreateArena();
        Arena[] kept = [.. Enumerable.Range(0, living).Select(_ => arena.CreateChild())];
        List<WeakReference> ended = [];
        using (arena.Mark())
        {
            for (int phase = 0; phase < 1000; phase++)
            {
                ended.Add(EndThousand(arena));
            }

            GC.Collect();
            Assert.InRange(ended.Count(child => child.IsAlive), 0, 4 * (living + 1));
        }

        Assert.All(kept, child => Assert.Equal(1, child.New(1)));
        arena.Reset();
        Assert.All(kept, child => Assert.Throws<ObjectDisposedException>(() => child.New(1)));
        Assert.Equal(1, process.Statistics.Arenas);
    }

    // Callbacks, children that end by themselves and those that do not, marks that are rewound: what is left runs, newest first.
    [Fact]
    public void Children_that_leave_do_not_change_what_runs_when()
    {
        using ProcessArena process = Process(debug: false);
        using Arena arena = process.CreateArena();
        var random = new Random(1);
        for (int request = 0; request < 300; request++)
        {
            Stack<(ArenaMark Mark, int Count)> marks = [];
            List<(int Id, Arena? Child)> expected = [];
            List<int> ran = [];
            HashSet<int> over = [];
            for (int step = 0; step < 60; step++)
            {
                int id = (request * 100) + step;
                switch (random.Next(8))
                {
                    case 0:
                        arena.OnReset(_ => ran.Add(id), null);
                        expected.Add((id, null));
                        break;
                    case 1 or 2:
                        Arena child = arena.CreateChild();
                        child.OnReset(_ => ran.Add(id), null);
                        expected.Add((id, child));
                        break;
                    case 3 or 4 or 5 when expected.Count > 0 && expected[random.Next(expected.Count)] is { Child: { } phase, Id: int ended }:
                        phase.Dispose();
                        over.Add(ended);
                        break;
                    case 6:
                        marks.Push((arena.Mark(), expected.Count));
                        break;
                    case 7 when marks.TryPop(out (ArenaMark Mark, int Count) marked):
                        AssertRun(marked.Count, marked.Mark.Dispose);
                        break;
                }
            }

            AssertRun(0, arena.Reset);

            void AssertRun(int from, Action end)
            {
                int[] left = [.. expected.Skip(from).Where(one => !over.Contains(one.Id)).Select(one => one.Id).Reverse()];
                ran.Clear();
                end();
                Assert.Equal(left, ran);
                expected.RemoveRange(from, expected.Count - from);
            }
        }

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

    /// <returns>The last of them, if anybody has it.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference EndThousand(Arena arena)
    {
        Arena? child = null;
        for (int phase = 0; phase < 1000; phase++)
        {
            child = arena.CreateChild();
            child.Dispose();
        }

        return new WeakReference(child);
    }

    private static ProcessArena Process(bool debug) =>
        new(new() { Capacity = 4 << 20, BlockSize = 4096, Reclamation = ArenaReclamation.PerRequest, Debug = debug });
}
