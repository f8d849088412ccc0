using System.Globalization;
using CsCheck;

namespace OneShot.Tests.Model;

public class ArenaModelTests
{
    private const int StepsPerProgram = 250;

    // A soak runs as many programs as the variable says; a million steps take a few seconds.
    private static readonly int s_programs = int.TryParse(Environment.GetEnvironmentVariable("ONESHOT_SOAK_PROGRAMS"), CultureInfo.InvariantCulture, out int programs) ? programs : 2_000;

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void Random_programs_never_see_a_wrong_byte(ArenaReclamation reclamation) =>
        ArenaProgram.Random(reclamation, StepsPerProgram).Sample(ArenaModel.Run, iter: s_programs, print: Print);

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void Random_programs_run_the_same_under_the_debug_option(ArenaReclamation reclamation) =>
        ArenaProgram.Random(reclamation, StepsPerProgram, debug: true).Sample(ArenaModel.Run, iter: s_programs / 10, print: Print);

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void Random_programs_run_the_same_with_an_inaccessible_page_behind_every_allocation(ArenaReclamation reclamation) =>
        ArenaProgram.Random(reclamation, StepsPerProgram, debug: true, guardPages: true).Sample(ArenaModel.Run, iter: s_programs / 10, print: Print);

    private static string Print(ArenaProgram program) => string.Create(
        CultureInfo.InvariantCulture,
        $"{program.Options.Reclamation}, {program.Options.Exhaustion}, block {program.Options.BlockSize}, capacity {program.Options.Capacity}: {string.Join(", ", program.Operations)}");
}
