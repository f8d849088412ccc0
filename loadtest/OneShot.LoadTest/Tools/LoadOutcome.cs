using System.Globalization;

namespace OneShot.LoadTest.Tools;

/// <summary>What a load tool has seen.</summary>
/// <param name="Requests">Answers received, whatever their status.</param>
/// <param name="Elapsed">How long the tool was at it.</param>
/// <param name="Latencies">Over all answers.</param>
/// <param name="Not2xx">Answers with a status that is not a success.</param>
/// <param name="Errors">Requests without an answer: refused, reset, timed out.</param>
/// <param name="ErrorTexts">What the tool says of these, if it does.</param>
internal sealed record LoadOutcome(
    long Requests, TimeSpan Elapsed, Latencies Latencies, long Not2xx, long Errors, IReadOnlyList<string> ErrorTexts)
{
    /// <summary>Over the whole run: the mean of a tool's samples would weigh a slow second like a fast one.</summary>
    public double RequestsPerSecond => Requests / Elapsed.TotalSeconds;

    /// <summary>What went wrong, as part of a sentence; null when every request got its success.</summary>
    public string? Failure
    {
        get
        {
            List<string> parts = [];
            if (Not2xx > 0)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{Not2xx} of {Requests} answers were not 2xx"));
            }

            if (Errors > 0)
            {
                string texts = ErrorTexts.Count > 0 ? $" ({string.Join("; ", ErrorTexts)})" : "";
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{Errors} requests got no answer{texts}"));
            }

            if (parts.Count == 0 && Requests == 0)
            {
                parts.Add("not a single request was answered");
            }

            return parts.Count == 0 ? null : string.Join(", ", parts);
        }
    }
}

/// <summary>In microseconds.</summary>
internal sealed record Latencies(double P50, double P90, double P99, double Max);
