using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using OneShot.Stress.Tests.Servers;

namespace OneShot.Stress.Tests.StaleAccess;

/// <summary>
/// Code that requests leave running reads and writes the bodies it has kept while the next requests of its connection run. What
/// becomes of those is its own doing; the connection ends, and no client gets a byte that is not of its own lane.
/// </summary>
[Collection(OneAtATime.Name)]
public class RecklessTests
{
    private const int UsualSeconds = 3;
    private const int RequestsOfConnection = 4;

    /// <summary>What a lane sends and is answered, and no head or framing holds.</summary>
    private const string Marks = "#$%&";

    private static readonly SearchValues<char> s_text = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(value => (char)value), '\r', '\n']);

    private int _stragglers;

    [Theory]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.Generational)]
    public async Task Bodies_that_are_used_late_harm_their_own_connection_only(ArenaReclamation reclamation)
    {
        using var watch = new Watch(_ => true); // a response that a straggler spoils is logged, and is its own doing
        await using StressServer server = await StressServer.StartAsync(
            watch, app => app.Run(RunAsync), builder => builder.Services.Configure<OneShot.AspNetCore.Hosting.OneShotOptions>(options =>
                (options.Capacity, options.Reclamation) = (reclamation == ArenaReclamation.Never ? 4L << 30 : 64 << 20, reclamation)));
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(Settings.Seconds ?? UsualSeconds));
        int[] answers = await Task.WhenAll(Enumerable.Range(0, Marks.Length).Select(lane => Task.Run(() => RunLaneAsync(server, lane, over.Token))));
        await server.StopAsync();
        while (Volatile.Read(ref _stragglers) > 0)
        {
            await Task.Yield();
        }

        TestContext.Current.SendDiagnosticMessage("{0} connections, {1} of them with stragglers", answers.Sum(), answers[1..].Sum());
        Assert.True(answers.All(count => count > 0), "Nothing has run.");
    }

    /// <summary>The first lane leaves nothing behind, and is served as ever.</summary>
    private static async Task<int> RunLaneAsync(StressServer server, int lane, CancellationToken over)
    {
        int count = 0;
        for (; count == 0 || !over.IsCancellationRequested; count++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(server.EndPoint, CancellationToken.None);
            var requests = new StringBuilder();
            for (int i = 0; i < RequestsOfConnection; i++)
            {
                string body = new(Marks[lane], 200 + (100 * i));
                requests.Append(CultureInfo.InvariantCulture, $"POST /{lane}/{count} HTTP/1.1\r\nHost: a\r\n{(i == RequestsOfConnection - 1 ? "Connection: close\r\n" : "")}");
                requests.Append((count + i) % 2 == 0
                    ? string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n{body}")
                    : string.Create(CultureInfo.InvariantCulture, $"Transfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n"));
            }

            string answer = await ConverseAsync(socket, Encoding.ASCII.GetBytes(requests.ToString())).WaitAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
            int foreign = answer.AsSpan().IndexOfAnyExcept(s_text);
            string others = Marks.Remove(lane, 1);
            Assert.True(foreign < 0 && !answer.AsSpan().ContainsAny(others), $"Lane {lane}, connection {count}: foreign bytes in '{answer}'.");
            if (lane == 0)
            {
                Assert.Equal(Enumerable.Range(0, RequestsOfConnection).Sum(i => 200 + (100 * i)), answer.Count(letter => letter == Marks[0]));
            }
        }

        return count;
    }

    private static async Task<string> ConverseAsync(Socket socket, byte[] requests)
    {
        using var all = new MemoryStream();
        try
        {
            Task sending = socket.SendAsync(requests, CancellationToken.None).AsTask();
            byte[] buffer = new byte[8192];
            int read;
            while ((read = await socket.ReceiveAsync(buffer, CancellationToken.None)) > 0)
            {
                all.Write(buffer, 0, read);
            }

            await sending;
        }
        catch (SocketException)
        {
            // The server has cut it.
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    private async Task RunAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (context.Request.Path.Value![1] != '0')
        {
            LeaveStraggler(context, new Random(int.Parse(context.Request.Path.Value![3..], CultureInfo.InvariantCulture)), context.Request.Path.Value![1] - '0');
        }

        await context.Response.Body.WriteAsync(body.ToArray());
    }

    private void LeaveStraggler(HttpContext context, Random random, int lane)
    {
        PipeReader reader = context.Request.BodyReader;
        PipeWriter writer = context.Response.BodyWriter;
        Stream input = context.Request.Body;
        Stream output = context.Response.Body;
        IHttpResponseBodyFeature response = context.Features.Get<IHttpResponseBodyFeature>()!;
        byte[] bytes = Encoding.ASCII.GetBytes(new string(Marks[lane], 50));
        Interlocked.Increment(ref _stragglers);
        _ = Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++)
            {
                try
                {
                    switch (random.Next(10))
                    {
                        case 0: reader.TryRead(out ReadResult result); reader.AdvanceTo(result.Buffer.End); break;
                        case 1: _ = await input.ReadAsync(new byte[10]).AsTask().WaitAsync(TimeSpan.FromSeconds(10)); break;
                        case 2: reader.CancelPendingRead(); break;
                        case 3: reader.AdvanceTo(default); break;
                        case 4: await output.WriteAsync(bytes); break;
                        case 5: await writer.FlushAsync(); break;
                        case 6: await output.FlushAsync(); break;
                        case 7: writer.CancelPendingFlush(); break;
                        case 8: await writer.WriteAsync(bytes); break;
                        default: await response.StartAsync(); break;
                    }
                }
                catch (Exception exception) when (exception is not NullReferenceException and not AccessViolationException)
                {
                    // Refused; or the request that is going on is spoilt.
                }
            }

            Interlocked.Decrement(ref _stragglers);
        });
    }
}
