using System.Globalization;
using System.IO.Pipelines;

namespace OneShot.Benchmarks.Server;

/// <summary>What a connection costs that has sent the beginning of a head and no more: what a slow attacker fills a server with.</summary>
internal static class HalfHeads
{
    private const int Connections = 12_000;

    private static readonly (string Name, byte[] Head)[] s_heads =
    [
        ("22 bytes", "GET / HTTP/1.1\r\nA: b\r\n"u8.ToArray()),
        ("1 KiB of 16 fields", [.. "GET / HTTP/1.1\r\nHost: a\r\n"u8, .. Enumerable.Repeat("X-Field: 0123456789012345678901234567890123456789012345678\r\n"u8.ToArray(), 16).SelectMany(field => field)]),
    ];

    internal static async Task RunAsync()
    {
        Console.WriteLine($"| {Connections} unfinished heads of | server | managed bytes of each | arena bytes of each |");
        Console.WriteLine("|---|---|---|---|");
        await using (ServerSide first = await ServerSide.StartAsync(ServerKind.Front))
        {
            await LeaveAsync(await SendAsync(first, s_heads[0].Head, Connections)); // what the first server makes for all
        }

        foreach ((string name, byte[] head) in s_heads)
        {
            foreach (ServerKind kind in (ServerKind[])[ServerKind.Kestrel, ServerKind.Front])
            {
                await using ServerSide side = await ServerSide.StartAsync(kind);
                List<(PipeReader, PipeWriter)> earlier = await SendAsync(side, head, 100);
                long managed = GC.GetTotalMemory(forceFullCollection: true);
                long arena = side.ArenaUsed;
                List<(PipeReader, PipeWriter)> clients = await SendAsync(side, head, Connections);
                managed = GC.GetTotalMemory(forceFullCollection: true) - managed;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {name} | {kind} | {managed / Connections} | {(side.ArenaUsed - arena) / Connections} |"));
                await LeaveAsync(clients);
                await LeaveAsync(earlier);
            }
        }
    }

    /// <summary>A server does not wait, as it stops, for clients that are gone.</summary>
    private static async Task LeaveAsync(List<(PipeReader Input, PipeWriter Output)> clients)
    {
        foreach ((PipeReader input, PipeWriter output) in clients)
        {
            await output.CompleteAsync();
            await input.CompleteAsync();
        }
    }

    private static async Task<List<(PipeReader, PipeWriter)>> SendAsync(ServerSide side, byte[] head, int connections)
    {
        List<(PipeReader, PipeWriter)> clients = new(connections);
        for (int i = 0; i < connections; i++)
        {
            (PipeReader input, PipeWriter output) = side.Connect();
            await output.WriteAsync(head); // the server runs inline: it has read when this returns
            clients.Add((input, output));
        }

        return clients;
    }
}
