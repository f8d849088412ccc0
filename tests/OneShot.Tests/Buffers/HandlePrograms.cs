using System.Globalization;
using CsCheck;

namespace OneShot.Tests.Buffers;

/// <summary>Random programs over the handles of one arena: each step is something to do, and a size.</summary>
/// <param name="steps">Of a program.</param>
/// <param name="programs">How many; a soak runs as many as its variable says.</param>
/// <param name="size">What sizes there are.</param>
/// <param name="kinds">What there is to do, and how often.</param>
internal sealed class HandlePrograms<TKind>(int steps, int programs, Gen<int> size, params (int Weight, TKind Kind)[] kinds) where TKind : struct, Enum
{
    /// <summary>Of each arena: small, so that little takes several.</summary>
    public const int BlockSize = 1024;

    private readonly Gen<(TKind Kind, int Size)[]> _program =
        Gen.Select(Gen.Frequency([.. kinds.Select(static kind => (kind.Weight, Gen.Const(kind.Kind)))]), size).Array[steps];

    private readonly int _programs =
        int.TryParse(Environment.GetEnvironmentVariable("ONESHOT_SOAK_PROGRAMS"), CultureInfo.InvariantCulture, out int soak) ? soak : programs;

    public void Sample(ProcessArenaOptions options, Func<Arena, HandleModel<TKind>> begin) => Sample(options, begin, _programs);

    /// <summary>Fewer of them under the debug option, which looks at every byte.</summary>
    /// <param name="guardPages">Whether a byte too far faults at once.</param>
    /// <param name="begin">Makes the model of an arena.</param>
    /// <param name="oneOf">Of so many programs one is run.</param>
    public void SampleGuarded(bool guardPages, Func<Arena, HandleModel<TKind>> begin, int oneOf) => Sample(
        new() { Capacity = 64 << 20, BlockSize = BlockSize, Reclamation = ArenaReclamation.PerRequest, Debug = true, GuardPages = guardPages }, begin, _programs / oneOf);

    private void Sample(ProcessArenaOptions options, Func<Arena, HandleModel<TKind>> begin, int count) => _program.Sample(
        program =>
        {
            using ProcessArena process = new(options);
            using Arena arena = process.CreateArena();
            using HandleModel<TKind> model = begin(arena);
            foreach ((TKind kind, int size) in program)
            {
                model.Step(kind, size);
            }
        },
        iter: count,
        print: program => string.Join(", ", program));
}
