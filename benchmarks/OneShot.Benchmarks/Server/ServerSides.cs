namespace OneShot.Benchmarks.Server;

/// <summary>The sides of one run. Disposing it stops them all.</summary>
internal sealed class ServerSides : IAsyncDisposable
{
    private readonly List<ServerSide> _all = [];

    internal IReadOnlyList<ServerSide> All => _all;

    /// <summary>Starts them one after the other; where one does not start, those before it are stopped.</summary>
    internal static async Task<ServerSides> StartAsync(IEnumerable<Task<ServerSide>> starts)
    {
        ServerSides sides = new();
        try
        {
            foreach (Task<ServerSide> start in starts)
            {
                sides._all.Add(await start);
            }

            return sides;
        }
        catch
        {
            await sides.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ServerSide side in _all)
        {
            await side.DisposeAsync();
        }
    }
}
