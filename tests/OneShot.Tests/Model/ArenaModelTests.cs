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

    // Every operation that can fail fails once, in every program: all that comes after it goes on as ever.
    [Theory]
    [InlineData(ArenaReclamation.Never, false, false)]
    [InlineData(ArenaReclamation.PerRequest, false, false)]
    [InlineData(ArenaReclamation.Generational, false, false)]
    [InlineData(ArenaReclamation.Never, true, false)]
    [InlineData(ArenaReclamation.PerRequest, true, false)]
    [InlineData(ArenaReclamation.Generational, true, false)]
    [InlineData(ArenaReclamation.Never, true, true)]
    [InlineData(ArenaReclamation.PerRequest, true, true)]
    [InlineData(ArenaReclamation.Generational, true, true)]
    public void Whatever_fails_nobody_sees_a_wrong_byte(ArenaReclamation reclamation, bool debug, bool guardPages) =>
        ArenaProgram.Random(reclamation, StepsPerProgram, debug, guardPages).Sample(
            program =>
            {
                long failed = 0;
                while (ArenaModel.Run(program, failed + 1))
                {
                    failed++;
                }

                Assert.True(failed > 0, "The switch OneShot.FaultInjection is off.");
            },
            iter: Math.Max(5, s_programs / (debug ? 400 : 100)),
            print: Print);

    private static string Print(ArenaProgram program) => string.Create(
        CultureInfo.InvariantCulture,
        $"{program.Options.Reclamation}, {program.Options.Exhaustion}, block {program.Options.BlockSize}, capacity {program.Options.Capacity}: {string.Join(", ", program.Operations)}");
}
