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
        { o => o.Reclamation = (ArenaReclamation)7, "OneShot:Reclamation is 7: set Never or PerRequest." },
        { o => o.Exhaustion = (ArenaExhaustion)7, "OneShot:Exhaustion is 7: set Fallback, Reject, Throw or FailFast." },
        { o => o.Restart = null!, "OneShot:Restart is null: leave it out, or set it to a new RestartOptions." },
        { o => o.Restart.WarnAt = 0, "OneShot:Restart:WarnAt is 0: set a share of the capacity, more than 0 and at most 1." },
        { o => o.Restart.WarnAt = double.NaN, "OneShot:Restart:WarnAt is NaN: set a share of the capacity, more than 0 and at most 1." },
        { o => o.Restart.DrainAt = 0.7, "OneShot:Restart:DrainAt is 0.7: set a share of the capacity, at least WarnAt and at most 1." },
        { o => o.Restart.LiveAt = 0.8, "OneShot:Restart:LiveAt is 0.8: set a share of the capacity, at least DrainAt and at most 1." },
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

    [Theory]
    [InlineData(1 << 10, 1 << 10)]
    [InlineData(1 << 20, 16 << 10)]
    [InlineData(1088, 1088)]
    [InlineData(16_383, 16 << 10)]
    [InlineData(16 << 10, 1023)]
    [InlineData(16 << 10, 1030)]
    public void What_is_valid_here_is_what_the_process_arena_takes(long capacity, int blockSize)
    {
        OneShotOptions options = new() { Capacity = capacity, BlockSize = blockSize };

        Exception? refused = Record.Exception(() => new ProcessArena(options.ToProcessArenaOptions()).Dispose());

        Assert.Equal(refused is null, Validate(options).Succeeded);
    }

    private static ValidateOptionsResult Validate(OneShotOptions options) => new OneShotOptionsValidator().Validate(null, options);
}
