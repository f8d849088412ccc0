using System.Globalization;
using OneShot.Tests.Memory;

namespace OneShot.Tests.Arenas;

/// <summary>Alone: for its duration the whole process stays in physical memory.</summary>
[CollectionDefinition(nameof(LockedProcessTests), DisableParallelization = true)]
[Collection(nameof(LockedProcessTests))]
public class LockedProcessTests
{
    /// <summary>As trading systems do. The cap holds for what the arena has in physical memory, however often its generations come round.</summary>
    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void A_process_that_has_locked_its_memory_keeps_to_the_cap(ArenaReclamation reclamation)
    {
        const int Capacity = 16 << 20;
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mlockall(2) as Linux has it.");
        Assert.SkipUnless(LockedMemory.TryLockAll(), "This process may not lock its memory.");
        try
        {
            long before = Resident();
            using ProcessArena process = new(new() { Capacity = Capacity, BlockSize = 16 << 10, Reclamation = reclamation, Exhaustion = ArenaExhaustion.Throw });
            using Arena arena = process.CreateArena();
            int refused = 0;
            for (int request = 0; request < 4_000; request++) // 20 times the cap
            {
                try
                {
                    for (int i = 0; i < 8; i++)
                    {
                        Span<byte> memory = arena.Allocate<byte>(10_000);
                        Assert.False(memory.ContainsAnyExcept((byte)0));
                        memory.Fill(0xEE);
                    }
                }
                catch (ArenaExhaustedException)
                {
                    refused++;
                }

                arena.Reset();
            }

            Assert.True(reclamation == ArenaReclamation.Never || refused == 0, $"{refused} requests were refused.");
            long grown = Resident() - before;
            Assert.True(grown < Capacity + (Capacity / 4) + (8 << 20), string.Create(CultureInfo.InvariantCulture, $"{grown >> 20} MiB at a cap of {Capacity >> 20}."));
        }
        finally
        {
            _ = LockedMemory.UnlockAll();
        }
    }

    /// <summary>In physical memory, in bytes. proc_pid_statm(5)</summary>
    private static long Resident() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
}
