using System.Diagnostics;
using OneShot.Stress.Tests.Races;
using OneShot.Stress.Tests.Servers;

namespace OneShot.Stress.Tests.Soak;

/// <summary>
/// A minute of mixed traffic on Kestrel's sockets and less on the transport, or <c>ONESHOT_SOAK_SECONDS</c> each: at the end nothing is held, nothing has failed unseen, and memory is
/// about where it was after a quarter of the time.
/// </summary>
[Collection(OneAtATime.Name)]
public class SoakTests
{
    private const int UsualSeconds = 60;
    private const int UsualSecondsOnTransport = 20;
    private const int Lanes = 6;

    /// <summary>
    /// The clients are in this process too, and the array pool keeps what they have rented, a few hundred kilobytes each. What
    /// hangs on a connection is looked for by itself, to the object.
    /// </summary>
    private const long PoolsMayGrowBy = 24_000_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_leaks_and_memory_stays_flat(bool onTransport)
    {
        var duration = TimeSpan.FromSeconds(Settings.Seconds ?? (onTransport ? UsualSecondsOnTransport : UsualSeconds));
        using var watch = new Watch(exception => exception is PlannedException);
        await using StressServer server = await StressServer.StartAsync(watch, SoakApplication.Map, builder =>
        {
            if (onTransport)
            {
                builder.WebHost.UseOneShotTransport();
            }
        });

        Footprint early = await SoakAsync(server, watch, duration / 4, seed: Settings.Seed ?? 0);
        Footprint late = await SoakAsync(server, watch, duration - (duration / 4), seed: (Settings.Seed ?? 0) + Lanes);
        await server.StopAsync();

        TestContext.Current.TestOutputHelper?.WriteLine($"{server.Connections} connections, {watch.Expected} planned exceptions; after a quarter {early}, at the end {late}");
        Assert.True(late.Heap <= early.Heap + PoolsMayGrowBy, $"The heap has grown from {early} to {late}.");
        Assert.True(late.Region <= early.Region + (4 << 20), $"The arena has grown from {early} to {late}.");
    }

    /// <summary>One stretch of traffic, from rest to rest.</summary>
    private static async Task<Footprint> SoakAsync(StressServer server, Watch watch, TimeSpan duration, int seed)
    {
        var time = Stopwatch.StartNew();
        using (var traffic = new SoakTraffic(server.EndPoint))
        {
            using var over = new CancellationTokenSource(duration);
            await Task.WhenAll(Enumerable.Range(seed, Lanes).Select(lane => Task.Run(() => traffic.RunAsync(lane, over.Token))));
            string counts = string.Join(", ", traffic.Counts.Select(count => $"{count.Value} {count.Key}"));
            TestContext.Current.TestOutputHelper?.WriteLine($"{time.Elapsed.TotalSeconds:F0} s: {counts}");
            TestContext.Current.SendDiagnosticMessage("{0:F0} s: {1}", time.Elapsed.TotalSeconds, counts);
        }

        // Before the server is asked whether it rests: that rents every arena there is, and makes one for each that is still out.
        long region = server.Services.GetRequiredService<ProcessArena>().Statistics.Committed;
        await server.RestsAsync();
        watch.AssertNothing($"After {time.Elapsed.TotalSeconds:F0} s");
        await server.ForgetsAsync();
        var footprint = new Footprint(GC.GetTotalMemory(forceFullCollection: true), region);
        TestContext.Current.SendDiagnosticMessage("{0}", footprint);
        return footprint;
    }

    /// <param name="Heap">Bytes of live objects.</param>
    /// <param name="Region">Bytes of the process arena that have ever been touched.</param>
    private sealed record Footprint(long Heap, long Region)
    {
        public override string ToString() => $"{Heap / 1024.0 / 1024:F1} MiB of heap and {Region / 1024.0 / 1024:F1} MiB of arena";
    }
}
