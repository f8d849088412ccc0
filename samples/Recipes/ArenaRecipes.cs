using System.Buffers;

namespace Recipes;

/// <summary>The same from the arena: no string, and nothing for the GC but what the framework makes itself.</summary>
public static class ArenaRecipes
{
    public static Task HeadersToText(HttpContext context)
    {
        foreach ((ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) in context.HeaderSpans)
        {
            context.Response.BodyWriter.Write(context.Arena.Utf8($"{name}: {value}\n"));
        }

        return Task.CompletedTask;
    }

    public static async Task HeaderAcrossAwait(HttpContext context)
    {
        await Task.Yield();
        context.Response.BodyWriter.Write(context.HeaderSpans["x-request-id"u8]);
    }

    public static async Task JsonBody(HttpContext context)
    {
        Order order = (await context.ReadJsonAsync(RecipeJson.Default.Order, limit: 4096))!;
        await context.WriteJsonAsync(new Receipt(order.Id, order.Quantity), RecipeJson.Default.Receipt);
    }

    public static Task CookieQueryBearer(HttpContext context)
    {
        ReadOnlySpan<byte> id = context.QuerySpans["id"u8];
        ReadOnlySpan<byte> session = context.CookieSpans["session"u8];
        context.Response.BodyWriter.Write(context.Arena.Utf8($"{id} {session} {context.BearerToken}"));
        return Task.CompletedTask;
    }

    public static Task LogLine(HttpContext context)
    {
        ReadOnlySpan<byte> agent = context.HeaderSpans["user-agent"u8];
        RecipeLog.Output.Write(context.Arena.Utf8($"{context.MethodSpan} {context.PathSpan} {agent} {context.HeaderSpans["x-request-id"u8]}\n"));
        return Task.CompletedTask;
    }
}
