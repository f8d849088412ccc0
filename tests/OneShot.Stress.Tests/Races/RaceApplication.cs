using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.Stress.Tests.Races;

/// <summary>What the application throws on purpose.</summary>
internal sealed class PlannedException() : Exception("Planned.");

/// <summary>
/// An application that does, with each request, what the seed in it says: writes, flushes, reads, throws, aborts, completes, upgrades,
/// in any order. All it ever writes are tokens of its own request.
/// </summary>
internal sealed class RaceApplication(Action<string> complain)
{
    public const string TokenHeader = "X-Token";
    public const string PlanHeader = "X-Plan";

    public async Task RunAsync(HttpContext context)
    {
        string token = context.Request.Headers[TokenHeader].ToString();
        var random = new Random(int.Parse(context.Request.Headers[PlanHeader].ToString(), CultureInfo.InvariantCulture));
        context.Response.Headers[TokenHeader] = token;
        byte[] bytes = Encoding.ASCII.GetBytes(token);
        IHttpUpgradeFeature upgrade = context.Features.Get<IHttpUpgradeFeature>()!;
        if (upgrade.IsUpgradableRequest && random.Next(4) > 0)
        {
            await RunUpgradedAsync(upgrade, bytes, random);
            return;
        }

        Register(context, random);
        OneShot.UnsafeSlice<byte> kept = default;
        bool hasKept = random.Next(2) == 0;
        if (hasKept)
        {
            kept = context.Arena.AllocateUnsafe<byte>(bytes.Length * 20);
            Fill(kept.Span, bytes);
        }

        for (int steps = random.Next(8); steps > 0; steps--)
        {
            if (!await StepAsync(context, bytes, random))
            {
                return;
            }

            if (hasKept && !IsFilled(kept.Span, bytes))
            {
                complain($"The arena of {token} was written to by another request.");
            }
        }
    }

    private static void Register(HttpContext context, Random random)
    {
        if (random.Next(3) == 0)
        {
            context.Response.OnStarting(() => random.Next(20) == 0 ? throw new PlannedException() : Task.CompletedTask);
        }

        if (random.Next(3) == 0)
        {
            context.Response.OnCompleted(async () => await Task.Yield());
        }

        if (random.Next(3) == 0)
        {
            context.RequestAborted.Register(() => throw new PlannedException());
        }
    }

    /// <returns>False when the response is complete.</returns>
    private static async Task<bool> StepAsync(HttpContext context, byte[] token, Random random)
    {
        switch (random.Next(18))
        {
            case 0 or 1 or 2:
                await WriteAsync(context, token, random.Next(1, 30));
                break;
            case 3:
                await context.Response.BodyWriter.FlushAsync();
                break;
            case 4:
                await context.Response.StartAsync();
                break;
            case 5 or 6:
                await ReadSomeAsync(context.Request.BodyReader, random);
                break;
            case 7:
                await context.Request.Body.CopyToAsync(Stream.Null);
                break;
            case 8:
                await Task.Yield();
                break;
            case 9 when random.Next(3) == 0:
                throw new PlannedException();
            case 10 when random.Next(3) == 0:
                context.Abort();
                break;
            case 11:
                // Both ways at once, as a proxy does.
                int times = random.Next(1, 20);
                await Task.WhenAll(
                    Task.Run(() => context.Request.Body.CopyToAsync(Stream.Null)),
                    Task.Run(async () =>
                    {
                        for (int i = 0; i < times; i++)
                        {
                            await WriteAsync(context, token, 3);
                        }
                    }));
                break;
            case 12:
                // At any later moment, perhaps in another request, but on this connection.
                IHttpRequestLifetimeFeature lifetime = context.Features.Get<IHttpRequestLifetimeFeature>()!;
                _ = random.Next(4) == 0 ? Task.Run(lifetime.Abort) : Task.CompletedTask;
                break;
            case 13:
                PipeWriter writer = context.Response.BodyWriter;
                _ = Task.Run(() => Record.Exception(writer.CancelPendingFlush)); // refused, should it come after the end
                break;
            case 14:
                await context.Response.CompleteAsync();
                return false;
            case 15:
                _ = await context.Request.Body.ReadAsync(new byte[100], context.RequestAborted);
                break;
            case 16:
                // It does not wait, or not for all of them.
                Task[] writes = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => WriteAsync(context, token, random.Next(1, 60)))];
                Task all = Task.WhenAll(writes).ContinueWith(done => done.Exception, TaskScheduler.Default); // seen, if nobody else does
                await (random.Next(3) switch { 0 => Task.CompletedTask, 1 => writes[0], _ => all });
                break;
            default:
                Memory<byte> memory = context.Response.BodyWriter.GetMemory(token.Length);
                token.CopyTo(memory);
                context.Response.BodyWriter.Advance(token.Length);
                break;
        }

        return true;
    }

    private static async Task WriteAsync(HttpContext context, byte[] token, int times)
    {
        byte[] bytes = new byte[token.Length * times];
        Fill(bytes, token);
        await context.Response.Body.WriteAsync(bytes);
    }

    private static async Task ReadSomeAsync(PipeReader reader, Random random)
    {
        ReadResult read = await reader.ReadAsync();
        SequencePosition somewhere = read.Buffer.GetPosition(random.NextInt64(read.Buffer.Length + 1));
        reader.AdvanceTo(somewhere, random.Next(2) == 0 ? somewhere : read.Buffer.End);
    }

    private static async Task RunUpgradedAsync(IHttpUpgradeFeature upgrade, byte[] token, Random random)
    {
        await using Stream stream = await upgrade.UpgradeAsync();
        byte[] buffer = new byte[64];
        while (await stream.ReadAsync(buffer) > 0)
        {
            await stream.WriteAsync(token);
            if (random.Next(6) == 0)
            {
                return;
            }

            if (random.Next(20) == 0)
            {
                throw new PlannedException();
            }
        }
    }

    private static void Fill(Span<byte> destination, byte[] token)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = token[i % token.Length];
        }
    }

    private static bool IsFilled(ReadOnlySpan<byte> bytes, byte[] token)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != token[i % token.Length])
            {
                return false;
            }
        }

        return true;
    }
}
