using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using OneShot.LoadTest.Drill.Traffic;

namespace OneShot.LoadTest.Tail.Load;

/// <summary>
/// Requests at a constant rate over keep-alive connections, each timed from when it was due (<see cref="RequestSchedule"/>), however
/// long the server, or the wait for a free connection, took. One thread releases what is due; next to nothing is allocated a request, so that
/// this process makes next to no pauses of its own.
/// </summary>
internal sealed class OpenLoopLoad(IPEndPoint server, byte[] request, double requestsPerSecond, int connections)
{
    private const int BufferLength = 16 << 10;

    /// <summary>Given to those that are not answered yet when the last one is due; then they have failed.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <exception cref="LoadTestException">The server accepts no connection at the start.</exception>
    public async Task<OpenLoopOutcome> RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        RequestQueue queue = new();
        RequestTally tally = new();
        List<Connection> opened = [];
        try
        {
            while (opened.Count < connections)
            {
                Connection connection = new(server, request, queue.CreatePlace(), tally);
                opened.Add(connection);
                await connection.ConnectAsync(cancellationToken);
            }

            // Its pauses would be taken for the server's: the garbage of the start goes first.
            GC.Collect();
            TimeSpan pauses = GC.GetTotalPauseDuration();
            using CancellationTokenSource giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            DateTime started = DateTime.UtcNow;
            RequestSchedule schedule = new(TimeProvider.System, requestsPerSecond, duration);
            LatencyRecord latencies = new();
            LatencyRecord lateness = new();
            Task[] running = [.. opened.Select(connection => connection.RunAsync(schedule, latencies, giveUp.Token))];
            // A thread of its own, which ends the queue also when it is cancelled.
            await Task.Factory.StartNew(
                () => Release(schedule, queue, lateness, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            giveUp.CancelAfter(Patience);
            await Task.WhenAll(running);
            cancellationToken.ThrowIfCancellationRequested();
            return new OpenLoopOutcome(
                started, schedule.Count, latencies, tally.Failures(), schedule.Since(schedule.Count), lateness.Longest, GC.GetTotalPauseDuration() - pauses);
        }
        catch (SocketException exception)
        {
            // Once they are open, a connection counts its failures itself.
            throw new LoadTestException($"The server at {server} accepts no {connections} connections: {exception.Message}");
        }
        finally
        {
            opened.ForEach(connection => connection.Dispose());
        }
    }

    private static void Release(RequestSchedule schedule, RequestQueue queue, LatencyRecord lateness, CancellationToken cancellationToken)
    {
        for (long next = 0; next < schedule.Count && !cancellationToken.IsCancellationRequested; next++)
        {
            while (schedule.Since(next) is { Ticks: < 0 } early)
            {
                Pace.Sleep(-early);
            }

            lateness.Add(schedule.DueAfter(next), schedule.Since(next));
            queue.Release();
        }

        queue.End();
    }

    /// <summary>One keep-alive connection: a request at a time, and a new connection after a failure.</summary>
    private sealed class Connection(IPEndPoint server, byte[] request, RequestQueue.Place place, RequestTally tally) : IDisposable
    {
        private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferLength, pinned: true);
        private Socket? _socket;

        /// <summary>Nothing has been asked, so there is nothing to read but the end: who idles may be closed, and then another is opened, as every client does.</summary>
        private bool IsClosedByOtherEnd => _socket?.Poll(TimeSpan.Zero, SelectMode.SelectRead) == true;

        public async Task ConnectAsync(CancellationToken cancellationToken)
        {
            _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await _socket.ConnectAsync(server, cancellationToken);
        }

        /// <summary>Until there are no more requests; what is not answered when it is given up has failed, with the time it took so far.</summary>
        public async Task RunAsync(RequestSchedule schedule, LatencyRecord latencies, CancellationToken giveUp)
        {
            while (await place.NextAsync() is var number and not RequestQueue.Place.End)
            {
                string? failure = null;
                try
                {
                    if (IsClosedByOtherEnd)
                    {
                        Dispose();
                    }

                    if (_socket is null)
                    {
                        await ConnectAsync(giveUp);
                    }

                    Response response = await SendAsync(giveUp);
                    failure = response.Status == (int)HttpStatusCode.OK ? null : string.Create(CultureInfo.InvariantCulture, $"answered with {response.Status}");
                    if (response.Closes)
                    {
                        Dispose();
                    }
                }
                catch (SocketException exception)
                {
                    failure = exception.SocketErrorCode.ToString();
                }
                catch (InvalidDataException)
                {
                    failure = "answered with something else than a response";
                }
                catch (EndOfStreamException)
                {
                    failure = "connection closed";
                }
                catch (OperationCanceledException)
                {
                    failure = "not answered";
                }

                // A failed one counts with what it took: leaving it out would make a server that refuses look fast.
                latencies.Add(schedule.DueAfter(number), schedule.Since(number));
                if (failure is not null)
                {
                    tally.Failure(failure);
                    Dispose();
                }
            }
        }

        public void Dispose()
        {
            _socket?.Dispose();
            _socket = null;
        }

        /// <returns>The answer, which has been read to its end.</returns>
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<Response> SendAsync(CancellationToken cancellationToken)
        {
            await _socket!.SendAsync(request, SocketFlags.None, cancellationToken);
            int received = 0;
            while (true)
            {
                int count = await _socket.ReceiveAsync(_buffer.AsMemory(received), SocketFlags.None, cancellationToken);
                if (count == 0)
                {
                    throw new EndOfStreamException();
                }

                received += count;
                if (ResponseReader.TryRead(_buffer.AsSpan(0, received), out Response response))
                {
                    return received == response.Length ? response : throw new InvalidDataException("More than the answer has come.");
                }
            }
        }
    }
}

/// <param name="Started">When the first request was due, UTC.</param>
/// <param name="Requests">How many were due, answered or not.</param>
/// <param name="Latencies">Of each of them.</param>
/// <param name="Failures">How many failed, by kind.</param>
/// <param name="Overrun">From when the one behind the last would have been due until the last answer was here: long, if the server did not keep up.</param>
/// <param name="Lateness">The longest that this program itself was late in handing out a request: latencies hold it too.</param>
/// <param name="ClientPauses">For how long the GC of this program has stopped it.</param>
internal sealed record OpenLoopOutcome(
    DateTime Started, long Requests, LatencyRecord Latencies, IReadOnlyDictionary<string, int> Failures, TimeSpan Overrun, TimeSpan Lateness, TimeSpan ClientPauses);
