extern alias Recipes;

using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Recipes::Recipes;

namespace OneShot.Benchmarks.Server;

/// <summary>
/// What the recipes of docs/recipes.md allocate for a request on the GC's heap: written plainly on stock Kestrel, from the arena on the front. Bytes of the whole
/// process, since one of them goes on on another thread; of several rounds the fewest.
/// </summary>
internal static class ServerRecipes
{
    private const int Rounds = 5;
    private const int Requests = 5_000;

    internal static async Task RunAsync()
    {
        Console.WriteLine("| recipe | plain, on Kestrel | from the arena, on the front |");
        Console.WriteLine("|---|---|---|");
        foreach (((string name, RequestDelegate plain), (_, RequestDelegate arena)) in RecipeRoutes.Plain.Zip(RecipeRoutes.Arena))
        {
            double before = await BytesAsync(ServerKind.Kestrel, name, plain);
            double after = await BytesAsync(ServerKind.Front, name, arena);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {before:F0} | {after:F0} |"));
        }
    }

    private static async Task<double> BytesAsync(ServerKind kind, string recipe, RequestDelegate handler)
    {
        await using ServerSide side = await ServerSide.StartAsync(kind, handler);
        var client = new ServerClient(side.Connect());
        byte[][] requests = [.. Enumerable.Range(0, 64).Select(i => Request(recipe, i))];
        long answer = await client.QuietAnswerLengthAsync(requests[0]); // all are equally long
        await client.SendAsync(requests, 1, Requests, answer); // warms up
        double fewest = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long bytes = GC.GetTotalAllocatedBytes(precise: true);
            await client.SendAsync(requests, 1, Requests, answer);
            fewest = Math.Min(fewest, (GC.GetTotalAllocatedBytes(precise: true) - bytes) / (double)Requests);
        }

        return fewest;
    }

    /// <summary>Through a proxy: request id, token and session change from request to request.</summary>
    private static byte[] Request(string recipe, int i)
    {
        string body = recipe == "json" ? string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{1000 + i}},"item":"a thing of some length","quantity":{{10 + i}}}""") : "";
        string head = string.Create(CultureInfo.InvariantCulture, $"""
            {(body.Length > 0 ? "POST" : "GET")} /{recipe}?page=1&id={1000 + i} HTTP/1.1
            Host: shop.example.com
            X-Request-Id: {i * 2654435761L:x16}{i:x16}
            User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36
            Accept: application/json
            Authorization: Bearer {i * 40503L:x32}
            Cookie: theme=dark; session={i * 40503L:x32}

            """).ReplaceLineEndings("\r\n");
        return Encoding.ASCII.GetBytes(body.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $"{head}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}") : head + "\r\n");
    }
}
