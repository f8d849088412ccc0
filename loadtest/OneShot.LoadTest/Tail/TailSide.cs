using System.Globalization;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Tail;

/// <summary>What stands beside each other: two servers as they are, and two ways to have fewer pauses.</summary>
internal enum TailSide
{
    /// <summary>Stock Kestrel.</summary>
    Stock,

    /// <summary>The front of OneShot.</summary>
    Front,

    /// <summary>The front, and <c>OneShot:Heap:Budget</c>.</summary>
    Budget,

    /// <summary>Stock Kestrel, and <c>DOTNET_GCgen0size</c>: fewer collections of the youngest generation, without anything of OneShot.</summary>
    Gen0Size,
}

/// <summary>The sides of a tail benchmark as they are written: <c>stock,budget</c>.</summary>
internal static class TailSides
{
    public const string Default = "stock,front,budget,gen0size";

    private const string ArenaCapacity = "256MiB";

    /// <exception cref="LoadTestException">One of them is no side, or the same one is there twice.</exception>
    public static IReadOnlyList<TailSide> Parse(string text)
    {
        TailSide[] sides = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(ParseOne)];
        return sides.Distinct().Count() == sides.Length
            ? sides
            : throw new LoadTestException($"--sides '{text}' names a side twice: give --rounds for more turns of each.");
    }

    /// <summary>By name only: <see cref="Enum.TryParse{TEnum}(string, out TEnum)"/> would take numbers too.</summary>
    private static TailSide ParseOne(string text)
    {
        foreach (TailSide side in Enum.GetValues<TailSide>())
        {
            if (text.Equals(side.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return side;
            }
        }

        throw new LoadTestException($"--sides: '{text}' is no side: write stock, front, budget or gen0size, with commas between them.");
    }

    /// <summary>What a report calls it, with the figure that it has been given.</summary>
    public static string Describe(TailSide side, TailOptions options) => side switch
    {
        TailSide.Stock => "stock Kestrel",
        TailSide.Front => "front",
        TailSide.Budget => $"front + budget {options.HeapBudget}",
        TailSide.Gen0Size => string.Create(CultureInfo.InvariantCulture, $"stock + gen0size {options.Gen0Size}MiB"),
        _ => throw new ArgumentOutOfRangeException(nameof(side)),
    };

    /// <summary>How the sample is started as that side. Its arena takes back what requests leave: only the heap may bring a restart.</summary>
    public static SampleSettings Settings(TailSide side, int garbage, TailOptions options)
    {
        List<string> more =
        [
            string.Create(CultureInfo.InvariantCulture, $"--OneShot:Garbage={garbage}"),
            string.Create(CultureInfo.InvariantCulture, $"--OneShot:LiveObjects={options.LiveObjects}"),
            "--OneShot:GcPauses=true",
        ];
        if (options.Replicas > 1)
        {
            // On every side alike. Lives of minutes are too short for a restart otherwise (MinLife), which is against attacks.
            more.AddRange("--OneShot:Restart:SelfDrain=true", "--OneShot:Restart:MinLife=00:00:00", string.Create(CultureInfo.InvariantCulture, $"--OneShot:Restart:DrainDelay={options.DrainDelay:c}"));
        }

        if (side == TailSide.Budget)
        {
            more.Add($"--OneShot:Heap:Budget={options.HeapBudget}");
        }

        Dictionary<string, string> variables = new(RuntimeVariables.OfEverySide());
        if (side == TailSide.Gen0Size)
        {
            // Hexadecimal, as all numbers of the runtime's variables are.
            variables["DOTNET_GCgen0size"] = ((long)options.Gen0Size << 20).ToString("x", CultureInfo.InvariantCulture);
        }

        return new SampleSettings(side is TailSide.Front or TailSide.Budget ? Servers.Front.OneShot : Servers.Front.Kestrel, ArenaCapacity, "PerRequest")
        {
            Transport = options.Transport,
            More = more,
            Environment = variables,
        };
    }
}
