using System.Buffers;
using System.IO.Pipelines;
using CsCheck;
using OneShot.AspNetCore.Http1.Response;
using OneShot.AspNetCore.Tests.Wire;

namespace OneShot.AspNetCore.Tests.Http1.Response;

/// <summary>Random programs of a writer and a client, over a transport that allows nothing during a flush: the bytes come out, in order.</summary>
public sealed class ConcurrentPipeWriterModelTests
{
    private static readonly Gen<Step[]> s_program =
        Gen.Select(Gen.Int[0, 9], Gen.Frequency((6, Gen.Int[0, 300]), (2, Gen.Int[4000, 4200]), (1, Gen.Int[0, 20_000])), (operation, size) => new Step(operation, size)).Array[1, 60];

    private readonly record struct Step(int Operation, int Size);

    [Fact]
    public void Random_programs_lose_and_reorder_nothing() => FixedSeeds.Sample(s_program, 3000, program =>
    {
        using var run = new Run();
        foreach (Step step in program)
        {
            run.Do(step);
            run.AssertFlushesAreHonest();
        }

        run.End();
    });

    /// <summary>The client on a thread of its own: a flush ends at any moment.</summary>
    [Fact]
    public async Task Random_programs_lose_and_reorder_nothing_when_flushes_end_on_another_thread()
    {
        for (uint seed = 0; seed < 400; seed++)
        {
            Step[] program = s_program.Generate(new PCG(2, seed), null, out _);
            using var run = new Run();
            run.Transport.Waits = true;
            using var ending = new CancellationTokenSource();
            Task client = Task.Run(() =>
            {
                while (!ending.IsCancellationRequested)
                {
                    if (!run.Transport.TryEndFlush())
                    {
                        Thread.Yield();
                    }
                }
            });
            foreach (Step step in program)
            {
                if (step.Operation is not (7 or 8 or 9)) // what the client does
                {
                    run.Do(step);
                }

                if (step is { Operation: 6, Size: > 200 })
                {
                    await run.Flushes[^1].Task.WaitAsync(Transport.Limits.Patience); // now and then it waits, as it ought to
                }
            }

            await run.Writer.FlushAsync().AsTask().WaitAsync(Transport.Limits.Patience);
            await ending.CancelAsync();
            await client;
            run.End();
        }
    }

    private sealed class Run : IDisposable
    {
        private readonly MemoryStream _model = new();
        private readonly CountingPool _pool = new();
        private Memory<byte> _lease;
        private byte _next;

        internal Run() => Writer = new ConcurrentPipeWriter(Transport, _pool);

        internal StrictWriter Transport { get; } = new();

        internal ConcurrentPipeWriter Writer { get; }

        internal List<(Task<FlushResult> Task, long Position)> Flushes { get; } = [];

        public void Dispose()
        {
            _model.Dispose();
            _pool.Dispose();
            Transport.Dispose();
        }

        internal void Do(Step step)
        {
            switch (step.Operation)
            {
                case 0 or 1:
                    _lease = default;
                    Writer.Write(Bytes(step.Size));
                    break;
                case 2:
                    _lease = Writer.GetMemory(step.Size);
                    Assert.True(_lease.Length >= Math.Max(step.Size, 1));
                    break;
                case 3 or 4: // of memory got earlier, what is left of it
                    byte[] bytes = Bytes(Math.Min(step.Size, _lease.Length));
                    bytes.CopyTo(_lease.Span);
                    if (bytes.Length > 0)
                    {
                        Writer.Advance(bytes.Length);
                    }

                    _lease = _lease[bytes.Length..];
                    break;
                case 5 or 6:
                    _lease = default;
                    Flushes.Add((Writer.FlushAsync().AsTask(), _model.Length));
                    Assert.Equal(0, Writer.UnflushedBytes);
                    break;
                case 7:
                    Transport.TryEndFlush();
                    break;
                case 8:
                    Transport.Waits = step.Size % 4 != 0;
                    break;
                default:
                    if (step.Size % 4 == 0)
                    {
                        Writer.CancelPendingFlush();
                    }

                    break;
            }
        }

        /// <summary>None has completed before its bytes were taken, unless it was cancelled.</summary>
        internal void AssertFlushesAreHonest()
        {
            foreach ((Task<FlushResult> task, long position) in Flushes)
            {
                Assert.True(!task.IsCompleted || task.Result.IsCanceled || Transport.FlushedLength >= position);
            }
        }

        internal void End()
        {
            Transport.Waits = false;
            while (Transport.TryEndFlush())
            {
            }

            AssertFlushesAreHonest();
            Assert.True(Writer.FlushAsync().AsTask().IsCompleted);
            Assert.All(Flushes, flush => Assert.True(flush.Task.IsCompleted));
            Assert.Equal(_model.ToArray(), Transport.Flushed);
            Assert.Equal(0, _pool.Rented);
            Writer.Complete();
            Assert.True(Transport.IsCompleted);
            _pool.AssertUntouched();
        }

        private byte[] Bytes(int count)
        {
            byte[] bytes = new byte[count];
            for (int i = 0; i < count; i++)
            {
                bytes[i] = _next++;
            }

            _model.Write(bytes);
            return bytes;
        }
    }
}
