namespace OneShot.Tests.Arenas;

public class ArenaEpochTests
{
    [Fact]
    public void The_epoch_moves_on_with_every_request_and_stale_handles_are_told()
    {
        using var process = new ProcessArena();
        Arena arena = process.CreateArena();
        long epoch = arena.Epoch;
        arena.ThrowIfStale(epoch);
        arena.Reset();
        Assert.Equal(epoch + 1, arena.Epoch);
        Assert.Throws<ObjectDisposedException>(() => arena.ThrowIfStale(epoch));
        epoch = arena.Epoch;
        arena.Dispose();
        Assert.Throws<ObjectDisposedException>(() => arena.ThrowIfStale(epoch));
    }
}
