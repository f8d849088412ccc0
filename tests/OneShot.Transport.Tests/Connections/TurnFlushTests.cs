using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Connections;
using OneShot.Transport.Tests.Faults;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Connections;

/// <summary>Answers that a handler gives by several flushes within its turn, as a body in chunks and the last chunk behind it are.</summary>
[Collection(OneAtATime.Name)]
public sealed class TurnFlushTests
{
    private const int Request = 4;

    // So long that nothing but the end of a turn sends what was put off in it.
    private static readonly TimeSpan s_never = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Where turns run.</summary>
    public enum Place
    {
        /// <summary>On the loop.</summary>
        Loop,

        /// <summary>On the thread pool: no thread is there that could take a loop.</summary>
        Pool,

        /// <summary>On either.</summary>
        Shared,
    }

    [Theory]
    [InlineData(Place.Loop)]
    [InlineData(Place.Pool)]
    [InlineData(Place.Shared)]
    public async Task An_answer_by_two_flushes_leaves_in_one_piece_behind_the_first(Place place)
    {
        await using TransportServer server = await StartAsync(place, s_never);
        await using var service = new ConnectionService(server, connection => ServeAsync(connection, AnswerAsync));
        using Socket client = await server.ConnectClientAsync();
        using var sends = new SendCounter();
        sends.Begin();
        await AskUntilInOnePieceAsync(client, 3, sends);

        int before = sends.Count;
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal("123", await AskAsync(client, 3));
        }

        Assert.Equal(50, sends.Count - before);

        static async Task AnswerAsync(PipeWriter output)
        {
            output.Write("12"u8);
            await output.FlushAsync();
            output.Write("3"u8);
            await output.FlushAsync();
        }
    }

    [Theory]
    [InlineData(Place.Loop)]
    [InlineData(Place.Pool)]
    public async Task An_answer_by_one_flush_leaves_with_it(Place place)
    {
        using var mayGo = new SemaphoreSlim(0);
        await using TransportServer server = await StartAsync(place, s_never);
        await using var service = new ConnectionService(server, connection => ServeAsync(connection, AnswerAsync));
        using Socket client = await server.ConnectClientAsync();

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("12", await AskAsync(client, 2)); // the turn is not over
            mayGo.Release();
        }

        async Task AnswerAsync(PipeWriter output)
        {
            output.Write("12"u8);
            await output.FlushAsync();
            Assert.True(mayGo.Wait(s_patience));
        }
    }

    /// <summary>Who reads waits for what was flushed, and the handler for him: a turn may be long, and is watched.</summary>
    [Theory]
    [InlineData(Place.Loop)]
    [InlineData(Place.Pool)]
    [InlineData(Place.Shared)]
    public async Task What_was_put_off_leaves_while_its_turn_goes_on(Place place)
    {
        using var mayGo = new SemaphoreSlim(0);
        bool waits = false;
        await using TransportServer server = await StartAsync(place, TimeSpan.FromMilliseconds(1));
        await using var service = new ConnectionService(server, connection => ServeAsync(connection, AnswerAsync));
        using Socket client = await server.ConnectClientAsync();
        Assert.Equal("123", await AskAsync(client, 3)); // by two flushes: the next are put off

        Volatile.Write(ref waits, true);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("123", await AskAsync(client, 3));
            mayGo.Release();
            Assert.Equal("4"u8.ToArray(), await client.ReceiveExactlyAsync(1));
            mayGo.Release();
        }

        async Task AnswerAsync(PipeWriter output)
        {
            output.Write("1"u8);
            await output.FlushAsync();
            output.Write("23"u8);
            await output.FlushAsync();
            if (Volatile.Read(ref waits))
            {
                Assert.True(mayGo.Wait(s_patience));
                output.Write("4"u8);
                await output.FlushAsync();
                Assert.True(mayGo.Wait(s_patience));
            }
        }
    }

    /// <summary>Which it does not do by an exception if it is an <c>async</c> method.</summary>
    [Fact]
    public async Task What_was_put_off_leaves_where_the_turn_ends_by_an_exception()
    {
        await using TransportServer server = await StartAsync(Place.Loop, s_never);
        (Socket client, ConnectionContext connection) = await server.ConnectAsync();
#pragma warning disable CA2012 // Awaited by hand: what an async method throws goes elsewhere.
        ValueTaskAwaiter<ReadResult> reading = connection.Transport.Input.ReadAsync().GetAwaiter();
        reading.UnsafeOnCompleted(() =>
        {
            ReadResult result = reading.GetResult();
            connection.Transport.Input.AdvanceTo(result.Buffer.GetPosition(1)); // it has more: the answer waits for the next one's
            connection.Transport.Output.Write("1"u8);
            Assert.True(connection.Transport.Output.FlushAsync().IsCompletedSuccessfully);
            throw new InvalidTimeZoneException("The handler fails.");
        });
#pragma warning restore CA2012

        await client.SendAsync(new byte[2]).Soon();

        Assert.Equal("1"u8.ToArray(), await client.ReceiveExactlyAsync(1));
        client.Dispose();
        await connection.DisposeAsync().Soon();
    }

    /// <summary>An abort, or an end by an exception, loses what the kernel does not take, not what waits for the end of a turn.</summary>
    [Theory]
    [InlineData(Place.Loop, false)]
    [InlineData(Place.Pool, false)]
    [InlineData(Place.Loop, true)]
    [InlineData(Place.Pool, true)]
    public async Task What_was_put_off_leaves_before_an_abort(Place place, bool byCompleting)
    {
        bool aborts = false;
        await using TransportServer server = await StartAsync(place, s_never);
        using var sends = new SendCounter();
        await using var service = new ConnectionService(server, connection => ServeAsync(connection, async output =>
        {
            output.Write("1"u8);
            await output.FlushAsync();
            output.Write("2"u8);
            await output.FlushAsync();
            if (Volatile.Read(ref aborts) && byCompleting)
            {
                output.Complete(new InvalidTimeZoneException("The handler fails."));
            }
            else if (Volatile.Read(ref aborts))
            {
                connection.Abort(new ConnectionAbortedException("by the handler"));
            }
        }));
        using Socket client = await server.ConnectClientAsync();
        sends.Begin();
        await AskUntilInOnePieceAsync(client, 2, sends);
        int before = sends.Count;
        Volatile.Write(ref aborts, true);

        await client.SendAsync(new byte[Request]).Soon();

        await Limit.Until(() => sends.Count == before + 1); // the client may read it, or the reset first
    }

    /// <summary>
    /// Pieces of any size, in the turn and behind it, while requests come one by one and several at a time, and while the next turn begins: all arrives, once and in its order.
    /// </summary>
    [Theory]
    [InlineData(Place.Loop, false)]
    [InlineData(Place.Pool, false)]
    [InlineData(Place.Shared, false)]
    [InlineData(Place.Loop, true)]
    [InlineData(Place.Pool, true)]
    [InlineData(Place.Shared, true)]
    public async Task Nothing_is_lost_or_out_of_order(Place place, bool readsAhead)
    {
        const int Clients = 8;
        const int Requests = 300;
        await using TransportServer server = await StartAsync(place, TimeSpan.FromMilliseconds(1));
        await using var service = new ConnectionService(server, connection =>
        {
            var random = new Random(connection.ConnectionId.GetHashCode(StringComparison.Ordinal));
            int offset = 0;
            return ServeAsync(connection, async output =>
            {
                // Of a fixed length, so that the client knows what is to come.
                for (int left = 5_000; left > 0;)
                {
                    int size = Math.Min(left, random.Next(3) == 0 ? random.Next(1, 5_000) : random.Next(1, 200));
                    byte[] piece = Pattern.Bytes(size, offset);
                    if (random.Next(2) == 0)
                    {
                        output.Write(piece);
                        if (random.Next(4) > 0)
                        {
                            await output.FlushAsync();
                        }
                    }
                    else
                    {
                        await output.WriteAsync(piece);
                    }

                    offset += size;
                    left -= size;
                    switch (random.Next(40))
                    {
                        case 0:
                            await Task.Yield();
                            break;
                        case 1:
                            Thread.Sleep(3);
                            break;
                    }
                }

                await output.FlushAsync();
            }, readsAhead);
        });

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async id =>
        {
            var random = new Random(id);
            using Socket client = await server.ConnectClientAsync();
            int offset = 0;
            for (int asked = 0; asked < Requests;)
            {
                int together = Math.Min(random.Next(1, 5), Requests - asked);
                await client.SendAsync(new byte[together * Request]).Soon();
                byte[] answer = await client.ReceiveExactlyAsync(together * 5_000);
                Pattern.Check(answer, offset);
                offset += answer.Length;
                asked += together;
            }
        })).WaitAsync(TimeSpan.FromSeconds(180));
    }

    private static Task<TransportServer> StartAsync(Place place, TimeSpan handOverAfter) => TransportServer.StartAsync(
        options =>
        {
            options.HandOverAfter = handOverAfter;
            options.MaxSpareThreads = place == Place.Pool ? 0 : options.MaxSpareThreads;
        },
        sharesAlways: place == Place.Shared);

    private static async Task ServeAsync(ConnectionContext connection, Func<PipeWriter, Task> answer, bool readsAhead = false)
    {
        PipeReader input = connection.Transport.Input;
        Task<ReadResult>? next = null;
        while (true)
        {
            ReadResult result = next is null ? await input.ReadAsync() : await next;
            next = null;
            if (result.Buffer.Length >= Request)
            {
                input.AdvanceTo(result.Buffer.GetPosition(Request));
                next = readsAhead ? input.ReadAsync().AsTask() : null; // the turn that answers it may begin and end before this one's end
                await answer(connection.Transport.Output);
                continue;
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>
    /// The first by two. So may some be that the service finds before it waits for them: its turns begin when it is waiting. From there on each finds it waiting, since a turn's end sends.
    /// </summary>
    private static async Task AskUntilInOnePieceAsync(Socket client, int length, SendCounter sends)
    {
        for (int i = 0; i < 1_000; i++)
        {
            int before = sends.Count;
            await AskAsync(client, length);
            if (sends.Count - before == 1)
            {
                return;
            }
        }

        Assert.Fail("Each leaves in pieces.");
    }

    private static async Task<string> AskAsync(Socket client, int length)
    {
        await client.SendAsync(new byte[Request]).Soon();
        return Encoding.ASCII.GetString(await client.ReceiveExactlyAsync(length));
    }
}
