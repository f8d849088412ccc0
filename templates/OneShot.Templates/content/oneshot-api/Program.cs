using System.Text.Json.Serialization;
using OneShot;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddOneShotArena();                       // an arena under every request; options: section "OneShot" of appsettings.json
builder.Services.AddHealthChecks().AddOneShotArena();     // ready until memory runs short, live until a restart is due
builder.WebHost.UseOneShotHttp1();                        // heads are parsed into the arena
builder.WebHost.UseOneShotTransport();                    // Linux: one thread from socket to answer
builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, AppJson.Default));

WebApplication app = builder.Build();
app.UseOneShotArena();
app.MapHealthChecks("/livez", new() { Predicate = check => check.Tags.Contains("live") });
app.MapHealthChecks("/readyz", new() { Predicate = check => check.Tags.Contains("ready") });

// No string, no copy, and nothing for the GC: the name is looked up in the bytes that came, the answer is written into the arena.
app.MapGet("/hello", static async (HttpContext context) =>
{
    ReadOnlyMemory<byte> line = Greeting(context);
    context.Response.ContentType = "text/plain; charset=utf-8";
    context.Response.ContentLength = line.Length;
    await context.Response.Body.WriteAsync(line);
});

// Everything else is ASP.NET Core as you know it.
app.MapGet("/todos/{id:int}", (int id) => id is > 0 and < 4 ? Results.Ok(new Todo(id, $"Thing {id}", IsDone: id == 1)) : Results.NotFound());

app.Run();

// Spans may not cross an await, so they stay in a method of their own.
static ReadOnlyMemory<byte> Greeting(HttpContext context)
{
    ReadOnlySpan<byte> agent = context.HeaderSpans["user-agent"u8];
    ArenaBufferWriter writer = context.Arena.CreateWriter();
    context.Arena.Utf8($"Hello, {agent}!\n").CopyTo(writer.GetSpan(agent.Length + 16));
    writer.Advance(agent.Length + "Hello, !\n".Length);
    return writer.WrittenMemory;
}

internal sealed record Todo(int Id, string Title, bool IsDone);

[JsonSerializable(typeof(Todo))]
internal sealed partial class AppJson : JsonSerializerContext;
