using System.Net.Sockets;
using System.Text;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Drill.Traffic;

/// <summary>
/// An attacker who fills a replica's arena over one connection: requests with heads as large as they may be, pipelined, each of which
/// takes some 8 KiB that nobody gives back.
/// </summary>
internal sealed class ArenaFlood(Uri replica)
{
    private const int HeaderLength = 8_000;
    private const int AtOnce = 16;
    private const double Full = 0.95;

    // Enough to fill 8 MiB in two seconds, and little enough that the two cores of a test machine serve the others meanwhile.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(25);

    private static readonly byte[] s_batch = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(
        $"GET /plaintext HTTP/1.1\r\nHost: oneshot\r\nX-Flood: {new string('x', HeaderLength)}\r\n\r\n", AtOnce)));

    /// <summary>Goes on until it is cancelled, on a new connection where the last one was closed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using TcpClient client = new();
                await client.ConnectAsync(replica.Host, replica.Port, cancellationToken);
                await FloodAsync(client.GetStream(), cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                await Task.Delay(s_pause, CancellationToken.None); // refused, cut off, or over
            }
        }
    }

    /// <summary>Whether the replica has taken nearly all of its arena.</summary>
    public static async Task<bool> HasFilledAsync(HttpClient client, Uri replica, CancellationToken cancellationToken)
    {
        ServerStats stats = ServerStats.Parse(await client.GetStringAsync(new Uri(replica, "/stats"), cancellationToken));
        return stats.ProcessArena.Used >= Full * stats.ProcessArena.Capacity;
    }

    private static async Task FloodAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        byte[] answers = new byte[64 << 10];
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reading = Task.Run(
            async () =>
            {
                while (await stream.ReadAsync(answers, over.Token) > 0)
                {
                }
            },
            CancellationToken.None);
        try
        {
            while (!reading.IsCompleted)
            {
                await stream.WriteAsync(s_batch, cancellationToken);
                await Task.Delay(s_pause, cancellationToken);
            }
        }
        finally
        {
            await over.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
