using OneShot.Transport.Loops;
using OneShot.Transport.Native;

namespace OneShot.Transport.Tests.Loops;

public sealed class TargetTableTests
{
    [Fact]
    public void Each_is_found_by_its_key()
    {
        var table = new TargetTable();
        Target[] targets = [.. Enumerable.Range(0, 1_000).Select(_ => new Target())];
        foreach (Target target in targets)
        {
            table.Add(target);
        }

        Assert.Equal(1_000, table.Count);
        Assert.All(targets, target => Assert.Same(target, table.Find(target.Key)));
        Assert.Equal(targets, table.ToList());
        Assert.Null(table.Find(ulong.MaxValue));
        Assert.Null(table.Find(5_000));
    }

    [Fact]
    public void An_old_generation_meets_nobody()
    {
        var table = new TargetTable();
        var first = new Target();
        table.Add(first);
        ulong old = first.Key;
        table.Remove(first);
        Assert.Null(table.Find(old));

        var second = new Target();
        table.Add(second);

        Assert.Equal((uint)old, (uint)second.Key); // the same place
        Assert.Null(table.Find(old));
        Assert.Same(second, table.Find(second.Key));
    }

    [Fact]
    public void One_that_has_gone_does_not_remove_the_next_at_its_place()
    {
        var table = new TargetTable();
        var first = new Target();
        table.Add(first);
        table.Remove(first);
        var second = new Target();
        table.Add(second);

        table.Remove(first);

        Assert.Same(second, table.Find(second.Key));
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public async Task Finding_while_others_come_and_go_meets_the_right_one_or_nobody()
    {
        var table = new TargetTable();
        var stays = new Target();
        table.Add(stays);
        using var stop = new CancellationTokenSource();
        ulong last = stays.Key;
        Task finding = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                ulong key = Volatile.Read(ref last);
                EventTarget? found = table.Find(key);
                Assert.True(found is null || found.Key == key);
                Assert.Same(stays, table.Find(stays.Key));
            }
        });

        for (int i = 0; i < 50_000; i++)
        {
            var target = new Target();
            table.Add(target);
            Volatile.Write(ref last, target.Key);
            table.Remove(target);
        }

        await stop.CancelAsync();
        await finding.Soon();
        Assert.Equal(1, table.Count);
    }

    private sealed class Target : EventTarget
    {
        internal override bool OnReady(EpollEvents events) => false;

        internal override void OnStopped()
        {
        }
    }
}
