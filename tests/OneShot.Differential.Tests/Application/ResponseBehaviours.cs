using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.Differential.Tests.Application;

/// <summary>Ways to answer.</summary>
internal static class ResponseBehaviours
{
    private static readonly byte[] s_big = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(n => $"{n:D5};")));

    internal static async Task WriteChunkedAsync(HttpContext context, SeenRequest seen)
    {
        await context.Response.Body.WriteAsync("one;"u8.ToArray());
        await context.Response.Body.FlushAsync();
        await context.Response.Body.WriteAsync("two;"u8.ToArray());
        await context.Response.Body.WriteAsync(ReadOnlyMemory<byte>.Empty);
        await context.Response.Body.WriteAsync("three"u8.ToArray());
    }

    internal static async Task StartThenWriteAsync(HttpContext context, SeenRequest seen)
    {
        await context.Response.StartAsync();
        await context.Response.WriteAsync("started");
    }

    internal static async Task CompleteAsync(HttpContext context, SeenRequest seen)
    {
        await context.Response.WriteAsync("complete");
        await context.Response.CompleteAsync();
    }

    internal static Task CompleteWithErrorAsync(HttpContext context, SeenRequest seen) =>
        CompleteThenWriteAsync(context, seen, writer => writer.CompleteAsync(new InvalidOperationException()).AsTask());

    internal static async Task CompleteWithErrorFlushedAsync(HttpContext context, SeenRequest seen)
    {
        await context.Response.BodyWriter.WriteAsync("flushed;"u8.ToArray());
        await CompleteWithErrorAsync(context, seen);
    }

    internal static Task CompleteWriterAsync(HttpContext context, SeenRequest seen) =>
        CompleteThenWriteAsync(context, seen, writer => writer.CompleteAsync().AsTask());

    internal static Task CompleteWriterSynchronouslyAsync(HttpContext context, SeenRequest seen) =>
        CompleteThenWriteAsync(context, seen, writer =>
        {
            writer.Complete();
            return Task.CompletedTask;
        });

    internal static Task CompleteTooEarlyAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.ContentLength = 20;
        return CompleteWriterAsync(context, seen);
    }

    private static async Task CompleteThenWriteAsync(HttpContext context, SeenRequest seen, Func<PipeWriter, Task> complete)
    {
        PipeWriter writer = context.Response.BodyWriter;
        "unflushed;"u8.CopyTo(writer.GetSpan(10));
        writer.Advance(10);
        await complete(writer);
        foreach (Func<Task> write in new Func<Task>[] { () => writer.WriteAsync("late"u8.ToArray()).AsTask(), () => { writer.GetSpan(4); return Task.CompletedTask; } })
        {
            try
            {
                await write();
                seen.Note("no exception");
            }
            catch (InvalidOperationException exception)
            {
                seen.Note(exception.GetType().Name);
            }
        }
    }

    internal static async Task WriteBigAsync(HttpContext context, SeenRequest seen) => await context.Response.Body.WriteAsync(s_big);

    internal static async Task WriteBigWithLengthAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.ContentLength = s_big.Length;
        await context.Response.Body.WriteAsync(s_big);
    }

    internal static Task WriteNothingAsync(HttpContext context, SeenRequest seen) => Task.CompletedTask;

    internal static Task PromiseOnlyAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.ContentLength = Argument(context);
        return Task.CompletedTask;
    }

    internal static async Task WriteTooLittleAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.ContentLength = 10;
        await context.Response.WriteAsync("five!");
    }

    internal static async Task WriteTooLittleFlushedAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.ContentLength = 10;
        await context.Response.WriteAsync("five!");
        await context.Response.Body.FlushAsync();
    }

    internal static async Task WriteTooMuchAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.ContentLength = 5;
        await context.Response.WriteAsync("more than five");
    }

    internal static async Task WriteTooMuchFlushedAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.ContentLength = 5;
        await context.Response.WriteAsync("five!");
        await context.Response.Body.FlushAsync();
        await context.Response.WriteAsync("six");
    }

    internal static async Task FrameByItselfAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.Headers.TransferEncoding = "chunked";
        await context.Response.Body.WriteAsync("5\r\nhello\r\n0\r\n\r\n"u8.ToArray());
    }

    internal static async Task SendUntilCloseAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.Headers.TransferEncoding = "gzip";
        await context.Response.Body.WriteAsync("until the end"u8.ToArray());
    }

    internal static Task SetStatusAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.StatusCode = Argument(context);
        return Task.CompletedTask;
    }

    internal static async Task SetStatusAndWriteAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.StatusCode = Argument(context);
        await context.Response.WriteAsync("body");
    }

    internal static async Task SetStatusAndLengthAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.StatusCode = Argument(context);
        context.Response.ContentLength = 4;
        if (context.Response.StatusCode == StatusCodes.Status200OK)
        {
            await context.Response.WriteAsync("body");
        }
    }

    internal static async Task SetStatusAndTransferEncodingAsync(HttpContext context, SeenRequest seen)
    {
        int status = Argument(context);
        context.Response.StatusCode = status;
        context.Response.Headers.TransferEncoding = "chunked";
        if (status is >= 200 and not (204 or 205 or 304))
        {
            await context.Response.Body.WriteAsync("0\r\n\r\n"u8.ToArray());
        }
    }

    internal static async Task WriteToPipeAsync(HttpContext context, SeenRequest seen)
    {
        "first;"u8.CopyTo(context.Response.BodyWriter.GetSpan(6));
        context.Response.BodyWriter.Advance(6);
        await context.Response.BodyWriter.FlushAsync();
        "second"u8.CopyTo(context.Response.BodyWriter.GetSpan(6));
        context.Response.BodyWriter.Advance(6);
    }

    internal static Task WriteSynchronouslyAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.Body.Write("sync"u8);
        return Task.CompletedTask;
    }

    internal static Task FlushOnlyAsync(HttpContext context, SeenRequest seen) => context.Response.Body.FlushAsync();

    internal static async Task SendFileAsync(HttpContext context, SeenRequest seen)
    {
        string file = Path.Combine(AppContext.BaseDirectory, "Heads", "wrk.http");
        await context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().SendFileAsync(file, 2, 11, CancellationToken.None);
    }

    /// <summary>The number behind the behaviour's name, as in <c>/status/204</c>.</summary>
    private static int Argument(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        return int.TryParse(path[(path.LastIndexOf('/') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 200;
    }
}
