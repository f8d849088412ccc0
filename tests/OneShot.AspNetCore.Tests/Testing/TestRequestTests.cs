using System.Text;
using Microsoft.AspNetCore.Mvc.Testing;
using OneShot.AspNetCore.Hosting;
using OneShot.AspNetCore.Testing;

namespace OneShot.AspNetCore.Tests.Testing;

/// <summary>What users get for their own tests.</summary>
public class TestRequestTests
{
    private static readonly byte[] s_sink = new byte[64];

    [Fact]
    public void A_request_has_an_arena_and_its_headers_as_spans()
    {
        using TestRequest request = TestRequest.Create(("x-request-id", "42"), ("x-many", "a"), ("x-many", "b"));

        Assert.Equal("42"u8, request.Context.HeaderSpans["X-Request-Id"u8]);
        List<string> values = [];
        foreach (ReadOnlySpan<byte> value in request.Context.HeaderSpans.GetValues("x-many"u8))
        {
            values.Add(Encoding.UTF8.GetString(value));
        }

        Assert.Equal(["a", "b"], values);
        Assert.Equal(64, request.Context.Arena.Allocate<byte>(64).Length);
    }

    [Fact]
    public void What_is_kept_beyond_the_request_throws_at_its_use()
    {
        TestRequest request = TestRequest.Create();
        RequestArena arena = request.Context.Arena;
        Memory<byte> kept = arena.AllocateMemory(16);
        Assert.Equal(16, kept.Span.Length);

        request.Dispose();

        Assert.Throws<ObjectDisposedException>(() => arena.Allocate<byte>(1));
        Assert.Throws<ObjectDisposedException>(() => kept.Span.Length);
        request.Dispose(); // again is nothing
    }

    [Fact]
    public void An_arena_may_be_as_small_as_the_test_needs()
    {
        using TestRequest request = TestRequest.Create(static options => (options.Capacity, options.BlockSize, options.Exhaustion) = (64 << 10, 4096, ArenaExhaustion.Throw));

        Assert.Throws<ArenaExhaustedException>(() => request.Context.Arena.Allocate<byte>(1 << 20));
    }

    [Fact]
    public void Options_out_of_range_are_refused() => Assert.ThrowsAny<Exception>(() => TestRequest.Create(static options => options.BlockSize = 3).Context.Arena);

    [Fact]
    public void The_bytes_of_code_are_counted_exactly()
    {
        Assert.Equal(0, ManagedBytes.Of(static () => s_sink[0]++));
        Assert.Equal(24 + 8, ManagedBytes.Of(static () => GC.KeepAlive(new byte[8])));
    }

    [Fact]
    public void The_bytes_of_a_handler_are_counted_and_one_that_only_uses_the_arena_has_none()
    {
        Assert.Equal(0, ManagedBytes.OfHandler(Copy, ("user-agent", "test/1.0")));
        Assert.Equal(24 + 8 + 24, ManagedBytes.OfHandler(static context =>
        {
            Copy(context).GetAwaiter().GetResult();
            GC.KeepAlive(new byte[24 + 8]);
            return Task.CompletedTask;
        }));

        static Task Copy(HttpContext context)
        {
            context.HeaderSpans["user-agent"u8].CopyTo(context.Arena.Allocate<byte>(64));
            return Task.CompletedTask;
        }
    }

    [Fact]
    public void A_handler_that_waits_cannot_be_counted() =>
        Assert.Throws<InvalidOperationException>(() => ManagedBytes.OfHandler(static async _ => await Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken)));

    [Fact]
    public async Task A_factory_switches_Debug_on_by_one_line()
    {
        await using DebugFactory factory = new();
        using HttpClient client = factory.CreateClient();

        Assert.True(factory.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<OneShotOptions>>().Value.Debug);
        Assert.Equal("Hello, World!", await client.GetStringAsync(new Uri("/plaintext", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    private sealed class DebugFactory : WebApplicationFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder) => builder.UseOneShotDebug().UseSetting("OneShot:Metrics", "false"); // they would be of the whole process
    }
}
