using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.Differential.Tests.Application;

/// <summary>Ways to treat a request's body.</summary>
internal static class RequestBehaviours
{
    private const int SmallBuffer = 97;

    internal static async Task ReadAllAsync(HttpContext context, SeenRequest seen)
    {
        await ReadToEndAsync(context, seen);
        await AnswerAsync(context, seen);
    }

    internal static Task DoNotReadAsync(HttpContext context, SeenRequest seen) => AnswerAsync(context, seen);

    internal static async Task ReadHalfAsync(HttpContext context, SeenRequest seen)
    {
        byte[] buffer = new byte[3];
        int read = await context.Request.Body.ReadAsync(buffer);
        seen.TakeBody(buffer.AsSpan(0, read));
        seen.IsLeftInTheMiddle = true;
        await AnswerAsync(context, seen);
    }

    internal static async Task ReadFromPipeAsync(HttpContext context, SeenRequest seen)
    {
        PipeReader reader = context.Request.BodyReader;
        ReadResult result;
        do
        {
            result = await reader.ReadAsync();
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
            {
                seen.TakeBody(segment.Span);
            }

            reader.AdvanceTo(result.Buffer.End);
        }
        while (!result.IsCompleted);

        await AnswerAsync(context, seen);
    }

    internal static async Task LowerTheLimitAsync(HttpContext context, SeenRequest seen)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = 10;
        await ReadAllAsync(context, seen);
    }

    internal static async Task AnswerThenReadAsync(HttpContext context, SeenRequest seen)
    {
        await context.Response.Body.WriteAsync("early;"u8.ToArray());
        await context.Response.Body.FlushAsync();
        await ReadToEndAsync(context, seen);
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(seen.ToJson()));
    }

    internal static async Task SwallowReadErrorsAsync(HttpContext context, SeenRequest seen)
    {
        try
        {
            await ReadToEndAsync(context, seen);
        }
        catch (BadHttpRequestException exception)
        {
            seen.Note($"caught {exception.StatusCode}");
            context.Response.StatusCode = 200;
        }

        await AnswerAsync(context, seen);
    }

    internal static Task ReadSynchronouslyAsync(HttpContext context, SeenRequest seen)
    {
        byte[] buffer = new byte[SmallBuffer];
        int read = context.Request.Body.Read(buffer, 0, buffer.Length);
        seen.TakeBody(buffer.AsSpan(0, read));
        return AnswerAsync(context, seen);
    }

    internal static async Task UpgradeAsync(HttpContext context, SeenRequest seen)
    {
        IHttpUpgradeFeature feature = context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
        if (!feature.IsUpgradableRequest)
        {
            await AnswerAsync(context, seen);
            return;
        }

        context.Response.Headers.Upgrade = "echo";
        await using Stream stream = await feature.UpgradeAsync();
        byte[] buffer = new byte[SmallBuffer];
        int read;
        while ((read = await stream.ReadAsync(buffer)) > 0)
        {
            seen.TakeBody(buffer.AsSpan(0, read));
            await stream.WriteAsync(buffer.AsMemory(0, read));
        }
    }

    internal static async Task ReadFormAsync(HttpContext context, SeenRequest seen)
    {
        if (context.Request.HasFormContentType)
        {
            IFormCollection form = await context.Request.ReadFormAsync();
            foreach (string key in form.Keys.Order(StringComparer.Ordinal))
            {
                seen.Note($"{key}={form[key]}");
            }
        }

        await AnswerAsync(context, seen);
    }

    internal static async Task CompleteReaderAsync(HttpContext context, SeenRequest seen)
    {
        await context.Request.BodyReader.CompleteAsync();
        await AnswerAsync(context, seen);
    }

    internal static async Task AnswerAsync(HttpContext context, SeenRequest seen)
    {
        byte[] answer = Encoding.UTF8.GetBytes(seen.ToJson());
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer);
    }

    private static async Task ReadToEndAsync(HttpContext context, SeenRequest seen)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer)) > 0)
        {
            seen.TakeBody(buffer.AsSpan(0, read));
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }
}
