using System.Diagnostics.Metrics;
using OneShot.AspNetCore.Telemetry;
using OneShot.AspNetCore.Tests.Http1;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Telemetry;

public class RequestMetricsTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_request_tells_what_it_has_allocated(bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            static context =>
            {
                context.Arena.Allocate<byte>(5000);
                return context.Response.WriteAsync("ok");
            },
            front: front);
        using MeterRecorder meter = new(server.Services);
        await using InMemoryConnection client = server.Connect();

        await client.RoundTripAsync(Get);
        await client.RoundTripAsync(Get);

        await Eventually.HoldsAsync(() => meter.Recorded("oneshot.request.arena.size").Length == 2);
        double[] sizes = meter.Recorded("oneshot.request.arena.size");
        Assert.All(sizes, size => Assert.InRange(size, 5000, 6000));
        await Eventually.HoldsAsync(() => meter.Recorded("oneshot.arena.allocated").Sum() == sizes.Sum());
    }

    [Fact]
    public void While_nobody_listens_nothing_is_recorded_and_nothing_allocated()
    {
        using ServiceProvider services = new ServiceCollection().AddLogging().AddOneShotArena().BuildServiceProvider();
        RequestMetrics metrics = services.GetRequiredService<RequestMetrics>();
        using Arena arena = services.GetRequiredService<ProcessArena>().CreateArena();
        Assert.All(Instruments(services), instrument => Assert.False(instrument.Enabled));

        Assert.Equal(0, BytesOf(metrics, arena));
    }

    [Fact]
    public void While_somebody_listens_nothing_is_allocated_either()
    {
        using ServiceProvider services = new ServiceCollection().AddLogging().AddOneShotArena().BuildServiceProvider();
        RequestMetrics metrics = services.GetRequiredService<RequestMetrics>();
        using Arena arena = services.GetRequiredService<ProcessArena>().CreateArena();
        long heard = 0;
        using MeterListener listener = new();
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => heard++);
        Instruments(services).ForEach(instrument => listener.EnableMeasurementEvents(instrument));

        Assert.Equal(0, BytesOf(metrics, arena));
        Assert.True(heard > 0);
    }

    private static long BytesOf(RequestMetrics metrics, Arena arena)
    {
        metrics.RequestEnds(arena);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            metrics.RequestEnds(arena);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static List<Instrument> Instruments(IServiceProvider services)
    {
        IMeterFactory factory = services.GetRequiredService<IMeterFactory>();
        List<Instrument> found = [];
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == "OneShot.AspNetCore" && ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    found.Add(instrument);
                }
            },
        };
        listener.Start();
        Assert.Equal(2, found.Count);
        return found;
    }
}
