using OneShot.AspNetCore.Hosting;

namespace OneShot.AspNetCore.Tests.Architecture;

/// <summary>Holds the floors of docs/architecture.md over what the compiler made of the code.</summary>
public class FloorTests
{
    private static readonly string s_web = typeof(OneShotOptions).Assembly.Location;
    private static readonly string s_allocator = typeof(ProcessArena).Assembly.Location;
    private static readonly IReadOnlySet<(TypeName User, TypeName Used)> s_uses = AssemblyUses.Read(s_web);

    [Fact]
    public void Every_type_lives_in_a_room_of_the_plan()
    {
        IEnumerable<TypeName> homeless = s_uses
            .Select(use => use.User)
            .Distinct()
            .Where(type => !type.IsSynthesized && !(Rooms.Of(type) is { } room && Rooms.Floors.ContainsKey(room)));

        Assert.Empty(homeless);
    }

    [Fact]
    public void No_room_uses_a_room_above_it()
    {
        string offenders = string.Join(
            Environment.NewLine,
            RoomUses()
                .Where(use => Rooms.Floors[use.To] > Rooms.Floors[use.From])
                .Select(use => $"{use.User} ({use.From}) uses {use.Used} ({use.To})"));

        Assert.Equal("", offenders);
    }

    [Fact]
    public void No_rooms_use_each_other_in_a_circle()
    {
        ILookup<string, string> below = RoomUses().Where(use => use.From != use.To).Distinct().ToLookup(use => use.From, use => use.To);

        Assert.DoesNotContain(Rooms.Floors.Keys, room => Reachable(room, below).Contains(room));
    }

    /// <summary>Whoever reads a type finds what it uses below it, and never comes back to where he was.</summary>
    [Theory]
    [InlineData("Http1")]
    [InlineData("Requests")]
    [InlineData("Telemetry")]
    [InlineData("Restart")]
    [InlineData("Headers")]
    [InlineData("Wire")]
    public void No_types_of_a_room_use_each_other_in_a_circle(string room)
    {
        ILookup<string, string> below = s_uses
            .Where(use => use.User != use.Used && Rooms.Of(use.User) == room && Rooms.Of(use.Used) == room)
            .ToLookup(use => use.User.FullName, use => use.Used.FullName);

        Assert.True(below.Count > 2);
        string circles = string.Join(
            Environment.NewLine,
            from use in below
            where Reachable(use.Key, below).Contains(use.Key)
            select $"{use.Key} uses {string.Join(", ", use.Where(used => used == use.Key || Reachable(used, below).Contains(use.Key)))}");

        Assert.Equal("", circles);
    }

    [Fact]
    public void The_allocator_knows_nothing_but_the_base_library() =>
        Assert.All(AssemblyUses.References(s_allocator), name => Assert.StartsWith("System.", name, StringComparison.Ordinal));

    [Fact]
    public void The_web_package_knows_the_allocator_and_the_framework_only() =>
        Assert.All(
            AssemblyUses.References(s_web),
            name => Assert.True(name == "OneShot" || name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal), name));

    [Fact]
    public void The_scan_sees_uses_in_method_bodies()
    {
        // The extension only news the middleware up, inside a closure: no field, base or signature shows it.
        Assert.Contains(s_uses, use => use is { User.Name: "OneShotApplicationBuilderExtensions", Used.Name: "RequestArenaMiddleware" });
    }

    private static IEnumerable<(string From, string To, TypeName User, TypeName Used)> RoomUses() =>
        from use in s_uses
        let user = Rooms.Of(use.User)
        let used = Rooms.Of(use.Used)
        where user is not null && used is not null && Rooms.Floors.ContainsKey(user) && Rooms.Floors.ContainsKey(used)
        select (user, used, use.User, use.Used);

    private static HashSet<string> Reachable(string room, ILookup<string, string> below)
    {
        HashSet<string> seen = [];
        Stack<string> next = new(below[room]);
        while (next.TryPop(out string? found))
        {
            if (seen.Add(found))
            {
                foreach (string further in below[found])
                {
                    next.Push(further);
                }
            }
        }

        return seen;
    }
}
