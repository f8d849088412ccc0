using OneShot.AspNetCore.Tests.Http1.Response;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>A client that does not end its head holds its own bytes and no arena; one that does finds everything as it sent it.</summary>
public sealed class HalfHeadTests
{
    private const string Head = "GET /path HTTP/1.1\r\nHost: a\r\nX-First: one\r\nUser-Agent: half\r\nX-Second: two\r\nX-Third: gr\u00fc\u00dfe\r\nAccept: */*\r\n\r\n";

    [Theory]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.Generational)]
    public async Task Heads_cut_at_any_byte_hold_no_arena_while_they_wait(ArenaReclamation reclamation)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            context => context.Response.WriteAsync($"{context.Request.Headers["X-First"]} {context.Request.Headers["X-Second"]} {context.Request.Headers["X-Third"]} {context.Request.Headers.Count}"),
            options => (options.Reclamation, options.Capacity) = (reclamation, 64 * options.BlockSize));
        ProcessArena process = server.Services.GetRequiredService<ProcessArena>();
        byte[] head = System.Text.Encoding.UTF8.GetBytes(Head);
        var clients = new List<InMemoryConnection>();
        for (int round = 0; round < 3; round++)
        {
            for (int cut = 1; cut < head.Length; cut++)
            {
                InMemoryConnection client = server.Connect();
                clients.Add(client);
                await client.SendAsync(head.AsMemory(0, cut));
            }
        }

        // Those at work at the same moment, and no more, whoever waits.
        Assert.InRange(process.Statistics.Arenas, 0, Environment.ProcessorCount + 4);
        Assert.Equal(0, process.FallbackBlocks);
        for (int i = 0; i < clients.Count; i++)
        {
            int cut = 1 + (i % (head.Length - 1));
            await clients[i].SendAsync(head.AsMemory(cut));
            Assert.Equal("one two gr\u00fc\u00dfe 6", (await clients[i].ReadResponseAsync()).Text);
            await clients[i].DisposeAsync();
        }

        Assert.Equal(0, process.FallbackBlocks);
    }

    /// <summary>The pool fills what it gets back with other bytes, and finds them changed if anybody writes there.</summary>
    [Fact]
    public async Task Heads_cut_at_any_two_bytes_leave_the_transport_its_blocks()
    {
        await using FrontServer server = await FrontServer.StartAsync(
            context => context.Response.WriteAsync($"{context.Request.Path} {context.Request.Headers["X-First"]} {context.Request.Headers["X-Third"]} {context.Request.Headers.Count}"));
        using var pool = new CountingPool();
        byte[] head = System.Text.Encoding.UTF8.GetBytes(Head);
        for (int first = 1; first < head.Length - 1; first++)
        {
            await using InMemoryConnection client = server.Connect(pool: pool);
            int second = first + 1 + ((first * 31) % (head.Length - first - 1));
            foreach ((int start, int end) in ((int, int)[])[(0, first), (first, second)])
            {
                await client.SendAsync(head.AsMemory(start..end));
                await Eventually.HoldsAsync(() => pool.Rented == 0); // the server takes it on a thread of its own
            }

            await client.SendAsync(head.AsMemory(second)); // and the beginning of the next behind it
            Assert.Equal("/path one gr\u00fc\u00dfe 6", (await client.ReadResponseAsync()).Text);
            await client.SendAsync((byte[])[.. head, .. head.AsSpan(0, first)]);
            Assert.Equal("/path one gr\u00fc\u00dfe 6", (await client.ReadResponseAsync()).Text);
            await Eventually.HoldsAsync(() => pool.Rented == 0);
        }

        pool.AssertUntouched();
    }

    [Fact]
    public async Task A_head_that_comes_byte_by_byte_and_ends_too_early_is_refused()
    {
        await using FrontServer server = await FrontServer.StartAsync(_ => Task.CompletedTask);
        for (int length = 1; length < 30; length++)
        {
            await using InMemoryConnection client = server.Connect();
            for (int i = 0; i < length; i++)
            {
                await client.SendAsync(Head[i..(i + 1)]);
            }

            await client.FinishSendingAsync();
            Assert.Equal(400, (await client.ReadResponseAsync()).Status);
            Assert.True(await client.IsClosedByServerAsync());
        }
    }

    [Fact]
    public async Task Under_Reject_a_half_head_is_turned_away_when_it_is_whole_and_not_before()
    {
        await using FrontServer server = await FrontServer.StartAsync(
            _ => Task.CompletedTask, options => (options.Exhaustion, options.Capacity) = (ArenaExhaustion.Reject, 4 * options.BlockSize));
        ProcessArena process = server.Services.GetRequiredService<ProcessArena>();
        using Arena hoarder = process.CreateArena();
        while (hoarder.TryReserve(process.BlockSize))
        {
            hoarder.Allocate<byte>(process.BlockSize);
        }

        await using InMemoryConnection client = server.Connect();
        await using InMemoryConnection lucky = server.Connect();
        await client.SendAsync(Head[..60]);
        await lucky.SendAsync(Head[..60]);
        Assert.False(client.Input.TryRead(out _));
        await client.SendAsync(Head[60..]);
        Assert.Equal(503, (await client.ReadResponseAsync()).Status);

        hoarder.Dispose();
        await lucky.SendAsync(Head[60..]);
        Assert.Equal(400, (await lucky.RoundTripAsync("")).Status);
    }
}
