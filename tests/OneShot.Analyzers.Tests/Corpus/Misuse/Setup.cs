//// An arena, and Kestrel's parser
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddOneShotArena(); // OS0010
var app = builder.Build();
app.MapGet("/", (HttpContext context) => context.HeaderSpans.Count);
app.Run();

//// An arena with options, and Kestrel's parser
static class Program
{
    public static void Main(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddOneShotArena(options => options.Capacity = 1 << 20); // OS0010
        builder.Build().Run();
    }
}

//// Header spans in a loop
static class Endpoints
{
    private static readonly string[] s_names = ["a", "b"];

    public static int Handle(HttpContext context)
    {
        int length = 0;
        foreach (string name in s_names)
        {
            length += context.HeaderSpans[Encoding.ASCII.GetBytes(name)].Length; // OS0009
        }

        return length;
    }
}

//// Header spans in the condition of a loop
static class Endpoints
{
    public static int Handle(HttpContext context)
    {
        int i = 0;
        while (i < context.HeaderSpans.Count) // OS0009
        {
            i++;
        }

        return i;
    }
}

//// Header spans of a controller in a counted loop
[ApiController]
public sealed class HeadersController : ControllerBase
{
    [HttpGet("/headers")]
    public int Get()
    {
        int found = 0;
        for (int i = 0; i < 3; i++)
        {
            found += HttpContext.HeaderSpans.TryGetValue("host"u8, out _) ? 1 : 0; // OS0009
        }

        return found;
    }
}
