using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Tests.Requests;

/// <summary>What a request is given: all that allocates, nothing that ends the request, and nothing at all afterwards.</summary>
public class RequestArenaTests
{
    public static TheoryData<ArenaReclamation, bool> Modes => new MatrixTheoryData<ArenaReclamation, bool>(Enum.GetValues<ArenaReclamation>(), [false, true]);

    [Fact]
    public void Nothing_of_it_ends_the_request()
    {
        string[] members = [.. typeof(RequestArena).GetMembers().Select(member => member.Name)];

        Assert.DoesNotContain(nameof(Arena.Reset), members);
        Assert.DoesNotContain(nameof(Arena.Dispose), members);
        Assert.DoesNotContain("get_" + nameof(Arena.Process), members);
        Assert.DoesNotContain("set_" + nameof(Arena.Owner), members);
        Assert.False(typeof(IDisposable).IsAssignableFrom(typeof(RequestArena)));
    }

    /// <summary>A member of an arena that allocates, and that a request is not given, would have to be asked for by the arena. A child is an arena, and names its process arena.</summary>
    [Fact]
    public void All_that_allocates_is_there()
    {
        string[] notGiven = ["Reset", "Dispose", "get_Process", "set_Owner", "get_Epoch", "ThrowIfStale", "CreateChild"];
        IEnumerable<string> arena = typeof(Arena).GetMethods().Where(method => method.DeclaringType == typeof(Arena)).Select(method => method.Name);

        Assert.Empty(arena.Except(notGiven).Except(typeof(RequestArena).GetMethods().Select(method => method.Name)));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Kept_beyond_its_request_every_member_refuses_and_the_next_request_is_untouched(ArenaReclamation reclamation, bool debug)
    {
        using ProcessArena process = new(new() { Capacity = 16 << 20, Reclamation = reclamation, Debug = debug });
        using RequestArenaPool pool = new(process);
        ArenaLease first = pool.Rent();
        RequestArena kept = first.Handle;
        RequestArena copy = kept;
        UnsafeSlice<byte> slice = kept.AllocateUnsafe<byte>(8);
        Use(kept, ref slice);
        pool.Return(first);
        AssertRefuses(kept, ref slice);

        ArenaLease second = pool.Rent();
        Assert.Same(first.Arena, second.Arena);
        second.Handle.Allocate<byte>(8).Fill(1);
        long allocated = second.Handle.Allocated;

        AssertRefuses(copy, ref slice);
        Assert.Equal(allocated, second.Handle.Allocated);
        pool.Return(second);
    }

    [Fact]
    public void A_writer_that_a_request_was_given_does_not_begin_again_in_another()
    {
        using ProcessArena process = new();
        using RequestArenaPool pool = new(process);
        ArenaLease first = pool.Rent();
        ArenaBufferWriter writer = first.Handle.CreateWriter();
        writer.Write("one"u8);
        writer.Reset();
        writer.Write("two"u8);
        pool.Return(first);
        ArenaLease second = pool.Rent();

        Assert.Throws<ObjectDisposedException>(writer.Reset);
        Assert.Throws<ObjectDisposedException>(() => writer.Write("late"u8));
        Assert.Equal(0, second.Handle.Allocated);
        writer.Reset(second.Handle);
        writer.Write("three"u8);
        Assert.True(writer.WrittenSpan.SequenceEqual("three"u8));
    }

    [Fact]
    public void The_default_value_says_what_it_is()
    {
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => default(RequestArena).Allocate<byte>(1));
        Assert.Contains("default", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Under_the_debug_option_the_arena_names_its_request(ArenaReclamation reclamation, bool debug)
    {
        string? owner = null;
        string? again = null;
        string? request = null;
        await using ArenaHost host = await ArenaHost.StartAsync(
            context =>
            {
                request = context.TraceIdentifier;
                owner = context.Arena.Owner;
                context.ReleaseArena();
                again = context.Arena.Owner;
                return Task.CompletedTask;
            },
            options => (options.Reclamation, options.Debug, options.Capacity) = (reclamation, debug, 4 << 20));

        await host.GetAsync();

        Assert.Equal((debug ? request : null, debug ? request : null), (owner, again));
    }

    [Fact]
    public async Task A_kept_feature_refuses_while_later_requests_run()
    {
        var kept = new List<IRequestArenaFeature>();
        int refused = 0;
        await using ArenaHost host = await ArenaHost.StartAsync(context =>
        {
            _ = context.HeaderSpans["host"u8];
            context.Arena.Allocate<byte>(8).Fill(1);
            long allocated = context.Arena.Allocated;
            foreach (IRequestArenaFeature earlier in kept)
            {
                refused += Record.Exception(() => earlier.Arena) is ObjectDisposedException ? 1 : 0;
                refused += Record.Exception(() => earlier.HeaderSpans.Count) is ObjectDisposedException ? 1 : 0;
                refused += Record.Exception(() => earlier.ReleaseArena()) is ObjectDisposedException ? 1 : 0;
            }

            Assert.Equal(allocated, context.Arena.Allocated);
            kept.Add(context.Features.Get<IRequestArenaFeature>()!);
            return Task.CompletedTask;
        });

        for (int i = 0; i < 5; i++)
        {
            (await host.GetAsync()).EnsureSuccessStatusCode();
        }

        Assert.Equal(3 * (1 + 2 + 3 + 4), refused);
    }

    private static void Use(RequestArena arena, ref UnsafeSlice<byte> slice)
    {
        for (int member = 0; member < Members; member++)
        {
            Call(member, arena, ref slice);
        }
    }

    private static void AssertRefuses(RequestArena arena, ref UnsafeSlice<byte> slice)
    {
        for (int member = 0; member < Members; member++)
        {
            Exception? refused = null;
            try
            {
                Call(member, arena, ref slice);
            }
            catch (ObjectDisposedException exception)
            {
                refused = exception;
            }

            Assert.True(refused is not null, $"Member {member} did not refuse.");
        }
    }

    private const int Members = 26;

#pragma warning disable CA1305 // Both forms are called.
    private static void Call(int member, RequestArena arena, ref UnsafeSlice<byte> slice)
    {
        switch (member)
        {
            case 0: arena.Allocate<byte>(0); break;
            case 1: arena.Allocate<long>(3)[2] = 1; break;
            case 2: arena.AllocateAligned<byte>(3, 64)[2] = 1; break;
            case 3: arena.AllocateUninitialized<byte>(3)[2] = 1; break;
            case 4: arena.AllocateUnsafe<byte>(3).Span[2] = 1; break;
            case 5: arena.New(5) = 6; break;
            case 6: arena.Copy("abc"u8)[0] = 1; break;
            case 7: arena.TryResize(ref slice, 9); break;
            case 8: arena.TryReserve(100); break;
            case 9: arena.Mark().Dispose(); break;
            case 10: arena.OnReset(static _ => { }, null); break;
            case 11: arena.AllocateMemory(3).Span[2] = 1; break;
            case 12: arena.CreateWriter().Write("abc"u8); break;
            case 13: arena.CreateList<int>().Add(1); break;
            case 14: Assert.Equal(4, arena.Utf8($"abc{member - 9:x}").Length); break;
            case 15: Assert.Equal(4, arena.Utf8(System.Globalization.CultureInfo.InvariantCulture, $"abc{member - 9:x}").Length); break;
            case 16: Assert.Equal(4, arena.Utf16($"abc{member - 9:x}").Length); break;
            case 17: Assert.Equal(4, arena.Utf16(System.Globalization.CultureInfo.InvariantCulture, $"abc{member - 9:x}").Length); break;
            case 18: _ = arena.Allocated; break;
            case 19: arena.Copy<int>([1, 2])[1] = 3; break;
            case 20: arena.AllocateMemory<int>(3).Span[2] = 1; break;
            case 21: arena.CreateQueue<int>().Enqueue(1); break;
            case 22: arena.CreateDictionary<int, int>().Add(1, 1); break;
            case 23: arena.CreateBytesDictionary<int>().Add("a"u8, 1); break;
            case 24: arena.TryReturn(ref slice); break;
            default: _ = arena.Owner; break;
        }
    }
#pragma warning restore CA1305
}
