using System.IO.Pipelines;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using OneShot.AspNetCore.Http1;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>
/// The server stops in the very moment in which a request ends. Either the loop sees that and reads no more, or its read is cancelled: a
/// loop that neither has seen it nor is woken would keep the server from stopping until its client leaves.
/// </summary>
public sealed class StopRaceTests
{
    private const int Rounds = 30_000;

    [Fact]
    public void A_stop_at_the_end_of_a_request_is_seen_by_the_loop_or_wakes_it()
    {
        var limits = new KestrelServerLimits();
        ConnectionLifetime lifetime = null!;
        CancelCounter input = null!;
        string? lost = null;
        using var together = new Barrier(2);
        using var apart = new Barrier(2);
        var stopper = new Thread(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                together.SignalAndWait();
                Thread.SpinWait(round % 40);
                lifetime.StopWhenIdle();
                apart.SignalAndWait();
            }
        });
        stopper.Start();
        for (int round = 0; round < Rounds; round++)
        {
            input = new CancelCounter();
            lifetime = new ConnectionLifetime(
                new InMemoryConnectionContext("MEM", null!, null!), input, limits, TimeProvider.System, NullLogger.Instance);
            lifetime.BeginHead();
            lifetime.BeginRequest(keepAlive: true);
            lifetime.EndRequest(isDrained: true);
            together.SignalAndWait();
            Thread.SpinWait(20);
            lifetime.BecomeIdle();
            bool waits = lifetime.MayReadNext && !lifetime.MustNotWait; // as the loop asks, behind a read that has found nothing
            apart.SignalAndWait();

            if (waits && input.Cancelled == 0)
            {
                lost ??= $"round {round}: the loop waits, and nobody has told it of the stop";
            }
        }

        stopper.Join();
        Assert.Null(lost);
    }

    private sealed class CancelCounter : PipeReader
    {
        internal int Cancelled { get; private set; }

        public override void CancelPendingRead() => Cancelled++;

        public override void AdvanceTo(SequencePosition consumed) => throw new NotSupportedException();

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => throw new NotSupportedException();

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public override bool TryRead(out ReadResult result) => throw new NotSupportedException();
    }
}
