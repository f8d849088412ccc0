using CsCheck;

namespace OneShot.AspNetCore.Tests.Wire;

/// <summary>The same cases on every run, on one thread: a failure names the seed that shows it again.</summary>
internal static class FixedSeeds
{
    public static void Sample<T>(Gen<T> generator, int count, Action<T> test)
    {
        for (uint seed = 0; seed < count; seed++)
        {
            T value = generator.Generate(new PCG(1, seed), null, out _);
            try
            {
                test(value);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}: {exception.Message}", exception);
            }
        }
    }

    public static Gen<T> OneOf<T>(params T[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);
}
