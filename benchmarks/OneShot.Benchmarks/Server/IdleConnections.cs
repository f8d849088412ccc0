using System.Globalization;

namespace OneShot.Benchmarks.Server;

/// <summary>What a kept-alive connection costs while it says nothing, after it has said something.</summary>
internal static class IdleConnections
{
    private const int Connections = 5_000;

    internal static async Task RunAsync()
    {
        Console.WriteLine($"| {Connections} idle connections | managed bytes of each | arena bytes of each |");
        Console.WriteLine("|---|---|---|");
        foreach (ServerKind kind in Enum.GetValues<ServerKind>())
        {
            await using ServerSide side = await ServerSide.StartAsync(kind);
            ServerScenario browser = ServerScenario.All[0];
            await new ServerClient(side.Connect()).DriveAsync(browser.Batches, browser.BatchSize, 100);
            long managed = GC.GetTotalMemory(forceFullCollection: true);
            long arena = side.ArenaUsed;
            var clients = new List<ServerClient>(Connections);
            for (int i = 0; i < Connections; i++)
            {
                var client = new ServerClient(side.Connect());
                clients.Add(client);
                await client.DriveAsync(browser.Batches, browser.BatchSize, 4);
            }

            managed = GC.GetTotalMemory(forceFullCollection: true) - managed;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {kind} | {managed / Connections} | {(side.ArenaUsed - arena) / Connections} |"));
            GC.KeepAlive(clients);
        }
    }
}
