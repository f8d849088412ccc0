using System.Globalization;

namespace OneShot.LoadTest.Drill.Balancing;

/// <summary>What HAProxy says of one server in its statistics.</summary>
/// <param name="Up">It gets requests.</param>
/// <param name="Retries">Requests sent to it once more.</param>
/// <param name="Redispatches">Requests sent to another server instead.</param>
internal sealed record BalancedServer(string Name, bool Up, long Retries, long Redispatches)
{
    private const string Backend = "replicas";

    /// <summary>Reads the servers from <c>/stats;csv</c>.</summary>
    /// <exception cref="LoadTestException">The text is not that.</exception>
    public static IReadOnlyList<BalancedServer> Parse(string csv)
    {
        string[] lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines is not [{ } head, ..] || !head.StartsWith("# ", StringComparison.Ordinal))
        {
            throw new LoadTestException("HAProxy's statistics are not the expected CSV.");
        }

        string[] names = head[2..].Split(',');
        int Column(string name) => Array.IndexOf(names, name) is >= 0 and int index
            ? index
            : throw new LoadTestException($"HAProxy's statistics have no column '{name}'.");

        int proxy = Column("pxname");
        int server = Column("svname");
        int status = Column("status");
        int retries = Column("wretr");
        int redispatches = Column("wredis");
        return
        [
            .. lines.Skip(1)
                .Select(line => line.Split(','))
                .Where(fields => fields[proxy] == Backend && fields[server] != "BACKEND")
                // "UP 1/2" is on its way down, and still gets requests.
                .Select(fields => new BalancedServer(fields[server], fields[status].StartsWith("UP", StringComparison.Ordinal), Number(fields[retries]), Number(fields[redispatches]))),
        ];
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;
}
