using System.Buffers;
using System.IO.Pipelines;
namespace OneShot.Benchmarks.Server;
internal static class Profile
{
    internal static async Task RunAsync(int scenario, bool front, int seconds)
    {
        await using ServerSide side = await ServerSide.StartAsync(front);
        ServerScenario s = ServerScenario.All[scenario];
        (PipeReader Input, PipeWriter Output) client = side.Connect();
        await Task.Run(async () =>
        {
            for (int round = 0; round < 1000; round++)
            {
                long start = System.Diagnostics.Stopwatch.GetTimestamp();
                if (seconds-- == 0) return;
                long n = 0;
                while (System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds < 1)
                for (int i = 0; i < 1000; i++)
                {
                    await client.Output.WriteAsync(s.Requests[i % s.Requests.Length]);
                    if (!client.Input.TryRead(out ReadResult result)) { result = await client.Input.ReadAsync(); await Task.Yield(); }
                    client.Input.AdvanceTo(result.Buffer.End);
                    n++;
                }
                Console.WriteLine(1e9 / n);
            }
        });
    }
}
