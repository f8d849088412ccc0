using System.Text.RegularExpressions;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>What the alerts and the dashboard ask Prometheus for: metrics, and labels of theirs.</summary>
internal sealed partial class MetricQueries
{
    // Prometheus adds the first two to whatever it scrapes.
    private static readonly string[] s_labelsOfTheScrape = ["job", "instance"];

    private readonly string _text = RepositoryFile.Read("deploy/prometheus/rules/oneshot.yml") + RepositoryFile.Read("deploy/grafana/dashboards/oneshot.json")
        + Yaml.Documents(RepositoryFile.Read("deploy/kubernetes/prometheus-adapter.yaml")).Single()["rules"].Items.Single()["name"]["matches"].Text;
    private readonly Regex _metric;

    /// <param name="prefixes">Of the metrics' names, separated by <c>|</c>.</param>
    internal MetricQueries(string prefixes) =>
        _metric = new Regex($$"""\b(?<name>(?:{{prefixes}})_[a-z0-9_]+)(?:\{(?<selector>[^}]*)\})?""", RegexOptions.ExplicitCapture);

    internal IEnumerable<string> Names => _metric.Matches(_text).Select(match => match.Groups["name"].Value).Distinct();

    /// <summary>What of it a scrape does not have.</summary>
    /// <param name="scraped">In Prometheus's text format.</param>
    internal string[] MissingIn(string scraped)
    {
        string[] lines = scraped.Split('\n');
        return [.. _metric.Matches(_text).SelectMany(match => Missing(lines, match.Groups["name"].Value, match.Groups["selector"].Value)).Distinct()];
    }

    /// <summary>Labels that results are grouped by, and that no metric of the scrapes has.</summary>
    internal static string[] UnknownGroupings(string scraped)
    {
        HashSet<string> known = [.. s_labelsOfTheScrape, .. Label().Matches(scraped).Select(match => match.Groups["label"].Value)];
        return [.. new MetricQueries("none").Groupings().Where(label => !known.Contains(label)).Distinct()];
    }

    private static IEnumerable<string> Missing(string[] lines, string name, string selector)
    {
        string[] samples = [.. lines.Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))];
        if (samples.Length == 0)
        {
            return [name];
        }

        string[] labels = [.. Label().Matches(selector).Select(match => match.Groups["label"].Value).Except(s_labelsOfTheScrape)];
        return labels.Where(label => !samples.Any(sample => HasLabel(sample, label))).Select(label => $"{name}{{{label}}}");
    }

    private static bool HasLabel(string sample, string label) => Label().Matches(sample).Any(match => match.Groups["label"].Value == label);

    private IEnumerable<string> Groupings() => Grouping().Matches(_text)
        .SelectMany(match => match.Groups["labels"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex(@"(?<label>\w+)(?:=~|!~|!=|=)\\?""", RegexOptions.ExplicitCapture)]
    private static partial Regex Label();

    [GeneratedRegex(@"\b(?:by|on|without)\s*\((?<labels>[a-z_, ]*)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Grouping();
}
