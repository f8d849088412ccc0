using System.Text;

namespace OneShot.AspNetCore.Tests.Requests;

/// <summary>What the framework keeps for a request lies below no mark of the application, wherever it is first asked for.</summary>
public class MarkTests
{
    private const string Secret = "Bearer of-the-client";

    [Theory]
    [InlineData(ArenaReclamation.Never, 1)]
    [InlineData(ArenaReclamation.PerRequest, 1)]
    [InlineData(ArenaReclamation.Generational, 1)]
    [InlineData(ArenaReclamation.PerRequest, 3)]
    [InlineData(ArenaReclamation.Never, 3)]
    public async Task A_body_cannot_forge_headers_that_were_first_read_under_a_mark(ArenaReclamation reclamation, int marks)
    {
        var seen = new List<string>();
        await using ArenaHost host = await ArenaHost.StartAsync(
            context =>
            {
                context.Arena.Allocate<byte>(100);
                var taken = new Stack<ArenaMark>();
                for (int i = 0; i < marks; i++)
                {
                    taken.Push(context.Arena.Mark());
                    context.Arena.Allocate<byte>(40);
                }

                seen.Add(Encoding.ASCII.GetString(context.HeaderSpans["authorization"u8]));
                while (taken.TryPop(out ArenaMark mark))
                {
                    mark.Dispose();
                    foreach (int size in (int[])[8, 64, 512, 4096, 20_000])
                    {
                        context.Arena.Allocate<byte>(size).Fill((byte)'!'); // the client's body
                    }

                    seen.Add(Encoding.ASCII.GetString(context.HeaderSpans["authorization"u8]));
                    int lines = 0;
                    foreach ((ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) in context.HeaderSpans)
                    {
                        Assert.False(name.Contains((byte)'!') || value.Contains((byte)'!'));
                        lines++;
                    }

                    Assert.Equal(context.Request.Headers.Count, lines);
                }

                return Task.CompletedTask;
            },
            options => (options.Reclamation, options.Capacity) = (reclamation, 16 << 20));
        host.Client.DefaultRequestHeaders.Add("Authorization", Secret);
        host.Client.DefaultRequestHeaders.Add("X-Long", new string('x', 3000));

        for (int i = 0; i < 4; i++)
        {
            (await host.GetAsync()).EnsureSuccessStatusCode();
        }

        Assert.Equal(4 * (marks + 1), seen.Count);
        Assert.All(seen, value => Assert.Equal(Secret, value));
    }
}
