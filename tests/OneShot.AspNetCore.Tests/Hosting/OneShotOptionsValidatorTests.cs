using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Hosting;

namespace OneShot.AspNetCore.Tests.Hosting;

public class OneShotOptionsValidatorTests
{
    public static TheoryData<Action<OneShotOptions>, string> BadValues => new()
    {
        { o => o.Capacity = 16_383, "OneShot:Capacity is 16383 bytes: set at least one block (16KiB) and at most 16TiB, such as 64MiB." },
        { o => o.Capacity = -1, "OneShot:Capacity is -1 bytes: set at least one block (16KiB) and at most 16TiB, such as 64MiB." },
        { o => o.Capacity = (1L << 44) + 1, "OneShot:Capacity is 17592186044417 bytes: set at least one block (16KiB) and at most 16TiB, such as 64MiB." },
        { o => o.BlockSize = 0, "OneShot:BlockSize is 0 bytes: set a multiple of 64 bytes from 1KiB to 256MiB, such as 16KiB." },
        { o => o.BlockSize = 1025, "OneShot:BlockSize is 1025 bytes: set a multiple of 64 bytes from 1KiB to 256MiB, such as 16KiB." },
        { o => o.BlockSize = 512 << 20, "OneShot:BlockSize is 512MiB: set a multiple of 64 bytes from 1KiB to 256MiB, such as 16KiB." },
        { o => o.Reclamation = (ArenaReclamation)7, "OneShot:Reclamation is 7: set Never, PerRequest or Generational." },
        { o => (o.Reclamation, o.Capacity) = (ArenaReclamation.Generational, 24 << 10), "OneShot:GenerationSize is at most half the capacity, 12KiB: set from one block (16KiB) to half the capacity (12KiB), or a larger Capacity." },
        { o => (o.Reclamation, o.GenerationSize) = (ArenaReclamation.Generational, 48 << 20), "OneShot:GenerationSize is 48MiB: set from one block (16KiB) to half the capacity (32MiB), or a larger Capacity." },
        { o => o.PreTouch = -1, "OneShot:PreTouch is -1 bytes: set 0 for none, or at most 1GiB; 4MiB keeps up with most services." },
        { o => o.ConnectionBudget = -1, "OneShot:ConnectionBudget is -1 bytes: set 0 for none, or bytes a second up to the capacity (64MiB), such as 256KiB." },
        { o => o.ConnectionBudget = 1L << 30, "OneShot:ConnectionBudget is 1GiB: set 0 for none, or bytes a second up to the capacity (64MiB), such as 256KiB." },
        { o => o.Restart.JitterTime = TimeSpan.FromSeconds(-1), "OneShot:Restart:JitterTime is -00:00:01: set from 00:00:00 to 01:00:00, such as 00:00:15." },
        { o => o.PopulateStep = -1, "OneShot:PopulateStep is -1 bytes: set 0 for none, or at most 2MiB; 256KiB is the default." },
        { o => o.PopulateStep = 1 << 30, "OneShot:PopulateStep is 1GiB: set 0 for none, or at most 2MiB; 256KiB is the default." },
        { o => o.PreTouch = 2L << 30, "OneShot:PreTouch is 2GiB: set 0 for none, or at most 1GiB; 4MiB keeps up with most services." },
        { o => o.Exhaustion = (ArenaExhaustion)7, "OneShot:Exhaustion is 7: set Fallback, Reject, Throw or FailFast." },
        { o => o.Restart = null!, "OneShot:Restart is null: leave it out, or set it to a new RestartOptions." },
        { o => o.Heap = null!, "OneShot:Heap is null: leave it out, or set it to a new HeapOptions." },
        { o => o.Heap.Budget = 1 << 20, "OneShot:Heap:Budget is 1MiB: set 0 for none, or from 16MiB to 1TiB, such as 2GiB." },
        { o => o.Heap.Budget = -1, "OneShot:Heap:Budget is -1 bytes: set 0 for none, or from 16MiB to 1TiB, such as 2GiB." },
        { o => o.Heap.Budget = 2L << 40, "OneShot:Heap:Budget is 2TiB: set 0 for none, or from 16MiB to 1TiB, such as 2GiB." },
        { o => (o.Heap.Budget, o.Heap.LargeObjects) = (1L << 30, 2L << 30), "OneShot:Heap:LargeObjects is 2GiB: set 0 for an eighth of Heap:Budget, or up to 1GiB, which is that budget." },
        { o => o.Heap.LargeObjects = -1, "OneShot:Heap:LargeObjects is -1 bytes: set 0 for an eighth of Heap:Budget, or up to 0 bytes, which is that budget." },
        { o => o.Http1 = null!, "OneShot:Http1 is null: leave it out, or set it to a new Http1Options." },
        { o => o.Restart.WarnAt = 0, "OneShot:Restart:WarnAt is 0: set a share of the capacity, more than 0 and at most 1." },
        { o => o.Restart.WarnAt = double.NaN, "OneShot:Restart:WarnAt is NaN: set a share of the capacity, more than 0 and at most 1." },
        { o => o.Restart.DrainAt = 0.7, "OneShot:Restart:DrainAt is 0.7: set a share of the capacity, at least WarnAt and at most 1." },
        { o => o.Restart.LiveAt = 0.8, "OneShot:Restart:LiveAt is 0.8: set a share of the capacity, at least DrainAt and at most 1." },
        { o => o.Restart.MemoryLimit.WarnAt = 0, "OneShot:Restart:MemoryLimit:WarnAt is 0: set a share of the limit, more than 0 and at most 1." },
        { o => o.Restart.MemoryLimit.DrainAt = 0.8, "OneShot:Restart:MemoryLimit:DrainAt is 0.8: set a share of the limit, at least WarnAt and at most 1." },
        { o => o.Restart.MemoryLimit.LiveAt = double.NaN, "OneShot:Restart:MemoryLimit:LiveAt is NaN: set a share of the limit, at least DrainAt and at most 1." },
        { o => o.Restart.MemoryLimit = null!, "OneShot:Restart:MemoryLimit is null: leave it out, or set it to a new MemoryLimitOptions." },
        { o => o.Restart.Jitter = 1.5, "OneShot:Restart:Jitter is 1.5: set a share of the capacity from 0 to 1, such as 0.1." },
        { o => o.Restart.Jitter = double.NaN, "OneShot:Restart:Jitter is NaN: set a share of the capacity from 0 to 1, such as 0.1." },
        { o => o.Restart.DrainDelay = TimeSpan.FromSeconds(-1), "OneShot:Restart:DrainDelay is -00:00:01: set from 00:00:00 to 01:00:00, such as 00:00:10." },
        { o => o.Restart.MinLife = TimeSpan.FromHours(2), "OneShot:Restart:MinLife is 02:00:00: set from 00:00:00 to 01:00:00, such as 00:10:00." },
        { o => o.Restart.PeakTolerance = TimeSpan.FromSeconds(-1), "OneShot:Restart:PeakTolerance is -00:00:01: set from 00:00:00 to 01:00:00, such as 00:01:00." },
        { o => o.Restart.DrainDelay = TimeSpan.FromDays(10), "OneShot:Restart:DrainDelay is 10.00:00:00: set from 00:00:00 to 01:00:00, such as 00:00:10." },
        { o => o.Restart.SuccessorTimeout = TimeSpan.Zero, "OneShot:Restart:SuccessorTimeout is 00:00:00: set from 00:00:01 to 01:00:00, such as 00:01:00." },
        { o => o.Restart.ExitCode = 256, "OneShot:Restart:ExitCode is 256: set from 0 to 255, which is all that a parent process gets to see." },
        { o => o.Restart.LiveAt = 95, "OneShot:Restart:LiveAt is 95: set a share of the capacity, at least DrainAt and at most 1." },
    };

    [Theory]
    [MemberData(nameof(BadValues), DisableDiscoveryEnumeration = true)]
    public void A_bad_value_is_told_with_its_key_and_what_to_set(Action<OneShotOptions> spoil, string message)
    {
        OneShotOptions options = new();
        spoil(options);

        Assert.Contains(message, Validate(options).Failures ?? []);
    }

    [Fact]
    public void The_defaults_are_valid() => Assert.True(Validate(new OneShotOptions()).Succeeded);

    public static TheoryData<OneShotOptions> AtTheEdges =>
    [
        new OneShotOptions() { Capacity = 1 << 10, BlockSize = 1 << 10 },
        new OneShotOptions() { Capacity = 1088, BlockSize = 1088 },
        new OneShotOptions() { Capacity = 16_383 },
        new OneShotOptions() { Capacity = 16 << 10, BlockSize = 1023 },
        new OneShotOptions() { Capacity = 16 << 10, BlockSize = 1030 },
        new OneShotOptions() { Capacity = 64 << 10, Reclamation = ArenaReclamation.Generational },
        new OneShotOptions() { Capacity = (64 << 10) - 1, Reclamation = ArenaReclamation.Generational },
        new OneShotOptions() { Capacity = 64 << 10, GenerationSize = 32 << 10, Reclamation = ArenaReclamation.Generational },
        new OneShotOptions() { Capacity = 64 << 10, GenerationSize = (32 << 10) + 64, Reclamation = ArenaReclamation.Generational },
        new OneShotOptions() { Capacity = 64 << 10, GenerationSize = (32 << 10) + 63, Reclamation = ArenaReclamation.Generational },
        new OneShotOptions() { Capacity = 64 << 10, GenerationSize = 1, Reclamation = ArenaReclamation.Never },
        new OneShotOptions() { GenerationSize = -1, Reclamation = ArenaReclamation.Generational },
        new OneShotOptions() { PreTouch = (1L << 30) + 1 },
    ];

    [Theory]
    [MemberData(nameof(AtTheEdges), DisableDiscoveryEnumeration = true)]
    public void What_is_valid_here_is_what_the_process_arena_takes(OneShotOptions options)
    {
        Exception? refused = Record.Exception(() => new ProcessArena(options.ToProcessArenaOptions()).Dispose());

        Assert.Equal(refused is null, Validate(options).Succeeded);
    }

    private static ValidateOptionsResult Validate(OneShotOptions options) => new OneShotOptionsValidator().Validate(null, options);
}
