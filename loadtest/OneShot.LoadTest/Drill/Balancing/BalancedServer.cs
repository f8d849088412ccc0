using System.Globalization;

namespace OneShot.LoadTest.Drill.Balancing;

/// <summary>What HAProxy says of one server in its statistics.</summary>
/// <param name="Up">It gets requests.</param>
/// <param name="Retries">Requests sent to it once more.</param>
/// <param name="Redispatches">Requests sent to another server instead.</param>
/// <param name="LastResort">Requests it got while no replica was ready.</param>
internal sealed record BalancedServer(string Name, bool Up, long Retries, long Redispatches, long LastResort)
{
    private const string Backend = "replicas";
    private const string LastResortBackend = "last-resort";
    private const string Sum = "BACKEND";

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
        int total = Column("stot");
        string[][] rows = [.. lines.Skip(1).Select(line => line.Split(',')).Where(fields => fields[server] != Sum)];
        Dictionary<string, long> lastResort = rows.Where(fields => fields[proxy] == LastResortBackend).ToDictionary(fields => fields[server], fields => Number(fields[total]));
        return
        [
            .. rows.Where(fields => fields[proxy] == Backend).Select(fields => new BalancedServer(
                fields[server],
                // "UP 1/2" is on its way down, and still gets requests.
                fields[status].StartsWith("UP", StringComparison.Ordinal),
                Number(fields[retries]),
                Number(fields[redispatches]),
                lastResort.GetValueOrDefault(fields[server]))),
        ];
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;
}
