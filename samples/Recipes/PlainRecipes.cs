using System.Text;
using Microsoft.Extensions.Primitives;

namespace Recipes;

/// <summary>As one writes it with ASP.NET Core alone.</summary>
public static class PlainRecipes
{
    public static async Task HeadersToText(HttpContext context)
    {
        StringBuilder text = new();
        foreach ((string name, StringValues value) in context.Request.Headers)
        {
            text.Append(name).Append(": ").Append(value).Append('\n');
        }

        await context.Response.WriteAsync(text.ToString());
    }

    public static async Task HeaderAcrossAwait(HttpContext context)
    {
        string id = context.Request.Headers["x-request-id"].ToString();
        await Task.Yield();
        await context.Response.WriteAsync(id);
    }

    public static async Task JsonBody(HttpContext context)
    {
        Order order = (await context.Request.ReadFromJsonAsync(RecipeJson.Default.Order))!;
        await context.Response.WriteAsJsonAsync(new Receipt(order.Id, order.Quantity), RecipeJson.Default.Receipt);
    }

    public static async Task CookieQueryBearer(HttpContext context)
    {
        string id = context.Request.Query["id"].ToString();
        string? session = context.Request.Cookies["session"];
        string authorization = context.Request.Headers.Authorization.ToString();
        string token = authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? authorization["Bearer ".Length..] : "";
        await context.Response.WriteAsync($"{id} {session} {token}");
    }

    public static Task LogLine(HttpContext context)
    {
        string line = $"{context.Request.Method} {context.Request.Path} {context.Request.Headers.UserAgent} {context.Request.Headers["x-request-id"]}\n";
        RecipeLog.Output.Write(Encoding.UTF8.GetBytes(line));
        return Task.CompletedTask;
    }
}
