using System.Globalization;
using OneShot;
using OneShot.Codegen;

if (args[0].StartsWith("fail-fast", StringComparison.Ordinal))
{
    using var small = new ProcessArena(new() { Capacity = 1024, BlockSize = 1024, Exhaustion = ArenaExhaustion.FailFast });
    using Arena full = small.CreateArena();
    return args[0] == "fail-fast-arena" ? full.Allocate<byte>(2000).Length : small.Allocate(2000).Length;
}

if (args[0] == "interpolation-garbage")
{
    Console.WriteLine(InterpolationGarbage.Least().ToString(CultureInfo.InvariantCulture));
    return 0;
}

if (args[0].StartsWith("shared-", StringComparison.Ordinal))
{
    var time = TimeSpan.FromSeconds(double.Parse(args[^2], CultureInfo.InvariantCulture));
    int seed = int.Parse(args[^1], CultureInfo.InvariantCulture);
    string? failure = args[0] == "shared-dictionary"
        ? SharedDictionary.Run(time, seed)
        : SharedArena.Run(Enum.Parse<ArenaReclamation>(args[1]), Enum.Parse<ArenaExhaustion>(args[2]), bool.Parse(args[3]), time, seed);
    Console.WriteLine(failure ?? "ok");
    return failure is null ? 0 : 1;
}

// Calls every probe until the runtime has compiled it for good, with the profile of an arena that is rarely out of memory.
int rounds = int.Parse(args[0], CultureInfo.InvariantCulture);
using var process = new ProcessArena(new() { Capacity = 16L << 30, Reclamation = ArenaReclamation.PerRequest });
using Arena arena = process.CreateArena();
for (int round = 0; round < rounds; round++)
{
    for (int call = 0; call < 100; call++)
    {
        Probes.Arena64(arena);
        Probes.ArenaThreeLongs(arena);
        Probes.ArenaNew(arena, call);
        Probes.ArenaVariable(arena, call);
        Probes.Process64(process);
        Probes.ProcessTry64(process);
        Probes.ProcessVariable(process, call);
    }

    arena.Reset();
    Thread.Yield();
}

return 0;
