using System.Buffers;
using System.Text.RegularExpressions;

namespace OneShot.AspNetCore.Tests.Http1.Programs;

/// <summary>All that a program's run has shown: to the application, to the client, and in the log.</summary>
/// <remarks>
/// Kestrel against Kestrel shows no difference at all, so whatever is explained here is one that the front means: each is
/// on the page of differences, and no wider here than there.
/// </remarks>
internal sealed partial record ExchangeOutcome(IReadOnlyList<string> Trace, string Sent, string Wire, bool IsCut, int Errors, int LoggedStatus)
{
    private static readonly SearchValues<char> s_text = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(value => (char)value), '\r', '\n']);

    /// <summary>The client has got what no program writes and no head or framing holds.</summary>
    internal bool HasForeignBytes => Sent.AsSpan().ContainsAnyExcept(s_text) || Sent.Contains("Host: ", StringComparison.Ordinal) || Sent.Contains("01234", StringComparison.Ordinal);

    private bool IsError => Wire.Length > 9 && Wire[9] is '4' or '5';

    /// <summary>Every answer has come whole, and nothing beside answers.</summary>
    private bool IsWellFormed => !Wire.Contains("raw: ", StringComparison.Ordinal) && !Wire.Contains("cut: ", StringComparison.Ordinal);

    private string StatusCode => Wire.Length > 12 ? Wire[9..12] : "";

    /// <summary>Null where there is no difference, or what it is.</summary>
    internal static string? Difference(ExchangeProgram program, ExchangeOutcome stock, ExchangeOutcome front)
    {
        for (int i = 0; i < Math.Max(stock.Trace.Count, front.Trace.Count); i++)
        {
            string? expected = i < stock.Trace.Count ? stock.Trace[i] : null;
            string? actual = i < front.Trace.Count ? front.Trace[i] : null;
            bool isOverrun = actual?.EndsWith("[True 500]", StringComparison.Ordinal) == true && IsOverrun(program, stock, front);
            if (expected != actual && !isOverrun && !IsExplained(program, expected ?? "", actual ?? "", stock.Trace.Take(i)))
            {
                return $"step {i}: Kestrel '{expected}', the front '{actual}'";
            }
        }

        return !AreSameBytes(program, stock, front) ? $"the bytes: Kestrel\n{stock.Wire}\nthe front\n{front.Wire}"
            : stock.IsCut != front.IsCut && !IsCutExplained(program, stock, front) ? $"Kestrel {(stock.IsCut ? "cuts" : "ends")} the connection, the front does not"
            : IsOverrun(program, stock, front) ? null
            : stock.Errors != front.Errors && !AreErrorsExplained(program, stock, front) ? $"errors in the log: Kestrel {stock.Errors}, the front {front.Errors}"
            : stock.LoggedStatus != front.LoggedStatus && !(program.Does("throw bad request") && program.Does("on completed")) && !(program.Does("upgrade") && stock.LoggedStatus == 0)
                && !(program.Does("abort") && program.Does("on starting") && front.LoggedStatus == 499) ? $"the status in the log: Kestrel {stock.LoggedStatus}, the front {front.LoggedStatus}"
            : null;
    }

    private static bool AreSameBytes(ExchangeProgram program, ExchangeOutcome stock, ExchangeOutcome front)
    {
        if (stock.Wire == front.Wire || IsOverrun(program, stock, front))
        {
            return true;
        }

        if (program.IsBadBody && WithoutClose(front.Wire) == stock.Wire)
        {
            return true; // refused-close: the front says so where Kestrel may leave it out
        }

        if (program.Does("upgrade") && program.Does("length ") && stock.Wire.Length == 0)
        {
            return front.IsError; // status-framing
        }

        if (program.Does("upgrade") && program.Does("on starting")
            && stock.Wire.Replace(" Switching Protocols", "", StringComparison.Ordinal).StartsWith(WithoutClose(FirstReason().Replace(front.Wire, "$1")), StringComparison.Ordinal))
        {
            return true; // a callback takes back the 101: Kestrel keeps its reason
        }

        if (program.Does("throw bad request") && program.Does("on completed") && program.Does("abort"))
        {
            return stock.IsCut && stock.Wire.Length == 0 && front.IsCut && front.IsError; // which cuts before Kestrel has answered
        }

        if (program.Does("on starting, later") && program.Does("length ") && stock.Wire.Contains("chunks, cut: next", StringComparison.Ordinal))
        {
            return front.IsWellFormed && front.StatusCode == stock.StatusCode; // Kestrel leaves the last chunk of the next answer out
        }

        if (program.Does("length ") && WithoutClose(front.Wire) == WithoutClose(stock.Wire))
        {
            return true; // both end the connection behind too few bytes; Kestrel says so
        }

        if (program.Does("advance") && !stock.IsWellFormed && !front.IsWellFormed && !stock.IsError)
        {
            return stock.IsCut == front.IsCut && stock.StatusCode == front.StatusCode; // cut short: how much of it has gone out
        }

        if (program.Does("advance") && (program.Does("status 205") || program.Does("status 304") || program.Does("status 204") || program.Does("clear") || program.Does("no length"))
            && stock.IsError == front.IsError && (!stock.IsError || stock.IsWellFormed))
        {
            // dropped-bytes: the answer is the same, and the front frames it as if they had never been there.
            return front.IsWellFormed && front.StatusCode == stock.StatusCode;
        }

        if (program.Does("advance") && stock.IsError)
        {
            // throw-unflushed: Kestrel sends what was in the writer behind the error, and may end the connection then.
            string clean = WireText.Describe(BehindError().Replace(stock.Sent, "$1"), program.IsHead);
            return front.IsWellFormed && (WithoutClose(front.Wire).StartsWith(WithoutClose(clean), StringComparison.Ordinal)
                || (program.Does("upgrade") && WithoutClose(clean).StartsWith(WithoutClose(front.Wire), StringComparison.Ordinal)));
        }

        if (program.Does("upgrade") && program.Does("on starting") && stock.IsError)
        {
            return stock.Wire.StartsWith(WithoutClose(front.Wire), StringComparison.Ordinal); // a callback of an upgrade fails: the front serves no more
        }

        if (program.Does("status 205") && program.Does("write"))
        {
            // reset-write: Kestrel ends the connection where something is written behind a 205.
            return front.IsWellFormed && WithoutClose(front.Wire).StartsWith(WithoutClose(stock.Wire), StringComparison.Ordinal);
        }

        return false;
    }

    private static string WithoutClose(string wire) => wire.Replace("Connection: close | ", "", StringComparison.Ordinal).Replace("Connection: keep-alive | ", "", StringComparison.Ordinal);

    /// <summary>Bytes in the writer that are more than a length set behind them: 500, where Kestrel sends them all the same.</summary>
    private static bool IsOverrun(ExchangeProgram program, ExchangeOutcome stock, ExchangeOutcome front) =>
        program.Does("advance") && program.Does("length ") && front.StatusCode == "500" && front.IsWellFormed
        && (stock.StatusCode != "500" || front.Errors == stock.Errors + 1);

    /// <summary>An answer whose end only the connection's end tells is cut where it is not whole, not ended as on Kestrel.</summary>
    private static bool IsCutExplained(ExchangeProgram program, ExchangeOutcome stock, ExchangeOutcome front) =>
        program.IsHttp10 && front.IsCut && !stock.IsCut && front.Wire.Contains("until the end: ", StringComparison.Ordinal);

    private static bool IsExplained(ExchangeProgram program, string expected, string actual, IEnumerable<string> before)
    {
        if (program.Does("cancel flush") && expected.Replace(" cancelled", "", StringComparison.Ordinal) == actual.Replace(" cancelled", "", StringComparison.Ordinal))
        {
            return true; // Kestrel says so of no flush that was cut off, or of the next request's
        }

        if (program.Does("upgrade") && actual.StartsWith("limit ", StringComparison.Ordinal) && expected.Contains("throws", StringComparison.Ordinal))
        {
            return true; // for Kestrel an upgrade that has failed was one
        }

        if (program.Does("upgrade") && program.Does("length ") && actual.Contains("complete", StringComparison.Ordinal) && actual.EndsWith("[True 500]", StringComparison.Ordinal))
        {
            return true; // status-framing
        }

        bool isLate = !actual.EndsWith(']');
        if (isLate)
        {
            // Behind its end a request's reader, and all of an aborted request, refuse; Kestrel's are the connection's.
            return (actual.EndsWith($"throws {nameof(ObjectDisposedException)}", StringComparison.Ordinal)
                    && (program.Does("abort") || actual.Contains("read", StringComparison.Ordinal) || (actual.StartsWith("synchronous", StringComparison.Ordinal) && expected.Contains("throws", StringComparison.Ordinal))))
                || IsCancellation(expected, actual)
                || (actual.StartsWith("start, cancelled: throws", StringComparison.Ordinal) && expected == "start, cancelled: done"); // a response started behind the end
        }

        if (IsCancellation(expected, actual))
        {
            return true;
        }

        if (program.DoesThrow && program.Does("on starting") && expected.Contains($"throws {nameof(ObjectDisposedException)}", StringComparison.Ordinal)
            && actual.Contains(": throws ", StringComparison.Ordinal))
        {
            return true; // on-starting-exception
        }

        if (program.Does("abort") && program.Does("on starting") && program.Does("complete"))
        {
            return true; // the front calls nobody back for the start of what goes nowhere
        }

        if (program.IsBadBody && program.Does("limit ") && expected.Replace("Exception413", "Exception400", StringComparison.Ordinal) == actual)
        {
            return true; // which-fault
        }

        if (before.Any(entry => entry.StartsWith("throw bad request: ends", StringComparison.Ordinal)))
        {
            // Kestrel answers a bad request after the callbacks for its completion.
            return program.Does("on completed") && expected.Contains("[False", StringComparison.Ordinal) && actual.Contains("[True", StringComparison.Ordinal);
        }

        if (actual.StartsWith("read to the trailers: ", StringComparison.Ordinal) && program.Head.Contains("Content-Length: 0", StringComparison.Ordinal))
        {
            return expected == actual.Replace("trailers: ", "trailers: none to come", StringComparison.Ordinal); // trailers-none
        }

        // After an abort Kestrel says of some writes, not of others, that nobody reads them.
        return program.Does("abort")
            && (expected.Replace(":  ", ": completed ", StringComparison.Ordinal) == actual
                || (program.Does("complete") && actual.StartsWith("pipe write 0: throws InvalidOperationException", StringComparison.Ordinal)));
    }

    /// <summary>Whoever catches the one catches the other.</summary>
    private static bool IsCancellation(string expected, string actual) =>
        expected.Replace(nameof(OperationCanceledException), nameof(TaskCanceledException), StringComparison.Ordinal) == actual;

    /// <summary>
    /// What an aborted request's callback fails with, or who completes its response later, is none of the front's errors;
    /// nor is, behind a failure, that too few bytes were written.
    /// </summary>
    private static bool AreErrorsExplained(ExchangeProgram program, ExchangeOutcome stock, ExchangeOutcome front) =>
        (program.Does("abort") && front.Errors < stock.Errors && (program.LateSteps.Count > 0 || program.Does("on starting")))
        || (!stock.IsWellFormed && program.Does("on starting, later") && front.IsWellFormed && front.Errors < stock.Errors)
        || (program.Does("length ") && front.Errors == stock.Errors - 1 && ((program.Does("on starting") && (program.DoesThrow || program.Does("complete"))) || program.Does("reader complete, failed")));

    [GeneratedRegex(@"^(HTTP/1\.1 [45]\d\d [^\r]*\r\n(?:[^\r]+\r\n)*\r\n)[a-h]+")]
    private static partial Regex BehindError();

    [GeneratedRegex(@"^(HTTP/1\.1 \d+) [^|]*(?= \|)")]
    private static partial Regex FirstReason();
}
