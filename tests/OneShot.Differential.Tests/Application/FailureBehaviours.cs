namespace OneShot.Differential.Tests.Application;

/// <summary>Ways to fail.</summary>
internal static class FailureBehaviours
{
    internal static Task ThrowAsync(HttpContext context, SeenRequest seen)
    {
        context.Response.Headers["X-Dropped"] = "dropped";
        throw new InvalidOperationException("thrown by the application");
    }

    internal static async Task ThrowUnflushedAsync(HttpContext context, SeenRequest seen)
    {
        "unflushed"u8.CopyTo(context.Response.BodyWriter.GetSpan(9));
        context.Response.BodyWriter.Advance(9);
        await Task.CompletedTask;
        throw new InvalidOperationException("thrown by the application");
    }

    internal static async Task ThrowFlushedAsync(HttpContext context, SeenRequest seen)
    {
        await context.Response.WriteAsync("flushed");
        await context.Response.Body.FlushAsync();
        throw new InvalidOperationException("thrown by the application");
    }

    internal static Task ThrowBadRequestAsync(HttpContext context, SeenRequest seen) =>
        throw new BadHttpRequestException("thrown by the application", StatusCodes.Status418ImATeapot);

    internal static async Task ThrowAfterCompleteAsync(HttpContext context, SeenRequest seen)
    {
        await context.Response.WriteAsync("complete");
        await context.Response.CompleteAsync();
        throw new InvalidOperationException("thrown by the application");
    }

    internal static Task AbortAsync(HttpContext context, SeenRequest seen)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    internal static async Task AbortFlushedAsync(HttpContext context, SeenRequest seen)
    {
        await context.Response.WriteAsync("flushed");
        await context.Response.Body.FlushAsync();
        context.Abort();
    }
}
