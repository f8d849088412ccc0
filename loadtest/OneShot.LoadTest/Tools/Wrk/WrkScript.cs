using System.Globalization;
using System.Text;

namespace OneShot.LoadTest.Tools.Wrk;

/// <summary>The Lua script for a header set: it sends other values with every request and prints the result as JSON.</summary>
internal static class WrkScript
{
    private const string Resource = "wrk.lua";

    public static string Write(HeaderSet headers, int pipeline = 1, int? postBytes = null)
    {
        StringBuilder script = new("fields = {");
        foreach (HeaderField field in headers.Fields)
        {
            script.Append("{ ").Append(Quote(field.Name)).Append(", ").Append(Quote(field.Value)).Append(" }, ");
        }

        script.Append(CultureInfo.InvariantCulture, $"}}\npipeline = {pipeline}\npost = {postBytes?.ToString(CultureInfo.InvariantCulture) ?? "nil"}\n");
        using StreamReader rest = new(typeof(WrkScript).Assembly.GetManifestResourceStream(Resource)!);
        return script.Append(rest.ReadToEnd()).ToString();
    }

    // Header fields are printable ASCII; of that a Lua string minds two characters.
    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
