using System.Globalization;
using OneShot.AspNetCore.Hosting;

namespace OneShot.Benchmarks.Server;

/// <summary>
/// What a request pays for its memory: fresh pages under Never, one by one, in steps, touched ahead or huge, and of memory that was touched
/// before; blocks cleared and used again under PerRequest. The same browser request everywhere, all in turn.
/// </summary>
internal static class ServerReclamation
{
    private const long Room = 1L << 30; // under Never every round takes fresh memory, until the end

    internal static async Task RunAsync()
    {
        (string Name, Action<OneShotOptions> Configure)[] modes =
        [
            ("PerRequest", options => options.Reclamation = ArenaReclamation.PerRequest),
            Never("", static _ => { }),
            Never(", a page at a time", options => options.PopulateStep = 0),
            Never(", HugePages", options => options.HugePages = true),
            Never(", HugePages, PopulateAtStart", options => (options.HugePages, options.PopulateAtStart) = (true, true)),
            Never(", PreTouch 256 MiB", options => options.PreTouch = 256 << 20),
        ];
        await using ServerSides sides = await ServerSides.StartAsync(modes.Select(mode => ServerSide.StartAsync(ServerKind.Front, mode.Configure)));
        Rounds rounds = await Rounds.RunAsync(sides.All, ServerScenario.All[0], (Rounds: 21, Requests: 20_000));
        Console.WriteLine("| reclamation | ns a request | against PerRequest |");
        Console.WriteLine("|---|---|---|");
        for (int i = 0; i < modes.Length; i++)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {modes[i].Name} | {rounds.Nanoseconds(i):F0} | {rounds.Ratio(i, 0):F2} |"));
        }
    }

    private static (string Name, Action<OneShotOptions> Configure) Never(string name, Action<OneShotOptions> configure)
    {
        return ("Never" + name, Configure);

        void Configure(OneShotOptions options)
        {
            (options.Reclamation, options.Capacity) = (ArenaReclamation.Never, Room);
            configure(options);
        }
    }
}
