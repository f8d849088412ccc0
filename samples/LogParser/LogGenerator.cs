using System.Globalization;
using System.Text;

namespace LogParser;

/// <summary>Writes a log as a web service does, a JSON object a line. The same size is the same log.</summary>
internal static class LogGenerator
{
    private static readonly string[] s_levels = ["info", "info", "info", "info", "info", "info", "debug", "warn", "error"];
    private static readonly string[] s_services = ["checkout", "catalogue", "identity", "search", "mail", "images", "ledger"];
    private static readonly string[] s_methods = ["GET", "GET", "GET", "POST", "PUT", "DELETE"];
    private static readonly string[] s_tags = ["eu-west-1", "eu-central-1", "canary", "cached", "retried", "mobile"];

    private static readonly string[] s_messages =
    [
        "request served from cache",
        "request served from its replica after a retry, since the first attempt ran into its timeout",
        "the answer was larger than expected and has been compressed before it was sent",
        "refused: the token has expired",
        """no entry of the name \"main\" was found, a default was taken""",
    ];

    /// <summary>Writes whole lines until there are at least so many bytes.</summary>
    /// <returns>How many lines there are.</returns>
    public static int Write(Stream log, long bytes)
    {
        var random = new Random(20_26);
        var time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        using var writer = new StreamWriter(log, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true);
        long written = 0;
        int lines = 0;
        while (written < bytes)
        {
            time = time.AddMilliseconds(random.Next(20));
            string level = Any(random, s_levels);
            string tags = string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => $"\"{Any(random, s_tags)}\""));
            string line = string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"time":"{{time:yyyy-MM-ddTHH:mm:ss.fffZ}}","level":"{{level}}","service":"{{Any(random, s_services)}}","method":"{{Any(random, s_methods)}}","path":"/api/v1/items/{{random.Next(5000)}}","status":{{(level == "error" ? 500 : 200)}},"ms":{{random.Next(1, 100_000) / 100.0:F2}},"user":"u-{{random.Next(1_000_000)}}","tags":[{{tags}}],"message":"{{Any(random, s_messages)}}"}""");
            writer.Write(line);
            writer.Write('\n');
            written += line.Length + 1; // all of it is ASCII
            lines++;
        }

        return lines;
    }

    private static string Any(Random random, string[] texts) => texts[random.Next(texts.Length)];
}
