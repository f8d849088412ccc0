namespace OneShot.AspNetCore.Tests.Http1.Programs;

/// <summary>All that a program's run has shown: to the application, to the client, and in the log.</summary>
internal sealed record ExchangeOutcome(IReadOnlyList<string> Trace, string Wire, bool IsCut, int Errors, int LoggedStatus)
{
    /// <summary>Null where there is no difference, or what it is.</summary>
    internal static string? Difference(ExchangeProgram program, ExchangeOutcome stock, ExchangeOutcome front)
    {
        for (int i = 0; i < Math.Max(stock.Trace.Count, front.Trace.Count); i++)
        {
            string? expected = i < stock.Trace.Count ? stock.Trace[i] : null;
            string? actual = i < front.Trace.Count ? front.Trace[i] : null;
            if (expected != actual && !IsExplained(program, expected, actual))
            {
                return $"step {i}: Kestrel '{expected}', the front '{actual}'";
            }
        }

        return !AreSameBytes(program, stock.Wire, front.Wire) ? $"the bytes: Kestrel\n{stock.Wire}\nthe front\n{front.Wire}"
            : stock.IsCut != front.IsCut && !program.IsHttp10 ? $"Kestrel {(stock.IsCut ? "cuts" : "ends")} the connection, the front does not"
            : IsLogExplained(program, stock, front) ? null
            : stock.Errors != front.Errors ? $"errors in the log: Kestrel {stock.Errors}, the front {front.Errors}"
            : stock.LoggedStatus != front.LoggedStatus ? $"the status in the log: Kestrel {stock.LoggedStatus}, the front {front.LoggedStatus}"
            : null;
    }

    /// <summary>But for what the page of differences says.</summary>
    private static bool AreSameBytes(ExchangeProgram program, string stock, string front)
    {
        if (stock == front)
        {
            return true;
        }

        if (program.Does("advance") && (IsError(stock) || IsError(front)))
        {
            return true; // throw-unflushed: Kestrel sends what was in the writer behind the error
        }

        if (program.Does("advance") && (program.Does("status 205") || program.Does("clear") || program.Does("no length")))
        {
            return true; // Kestrel forgets the length of a 205, and frames a response whose only bytes it has refused
        }

        if (program.Does("bad request") && program.Does("on completed"))
        {
            return true; // which cut the connection before Kestrel has answered
        }

        if (program.Does("upgrade") && program.Does("on starting"))
        {
            return true; // a callback that takes back the 101
        }

        if (program.IsBadBody)
        {
            if (IsError(stock) && IsError(front))
            {
                return true; // refused-body: whose fault is found first
            }

            stock = stock.Replace("Connection: close | ", "", StringComparison.Ordinal); // refused-close
            front = front.Replace("Connection: close | ", "", StringComparison.Ordinal);
        }

        return stock == front;
    }

    private static bool IsError(string wire) => wire.Length > 9 && wire[9] is '4' or '5';

    private static bool IsExplained(ExchangeProgram program, string? expected, string? actual)
    {
        // Whoever catches the one catches the other.
        if (expected?.Replace(nameof(OperationCanceledException), nameof(TaskCanceledException), StringComparison.Ordinal) == actual)
        {
            return true;
        }

        if (program.Does("bad request") && program.Does("on completed"))
        {
            return true; // Kestrel answers a bad request after the callbacks for its completion
        }

        // After an abort Kestrel says of some writes, not of others, that nobody reads them; and completing meets the end of this transport.
        return program.Does("abort")
            && ((program.Does("complete") && actual?.Contains(nameof(InvalidOperationException), StringComparison.Ordinal) == true)
                || expected?.Replace(":  ", ": completed ", StringComparison.Ordinal) == actual
                || expected?.Replace($"complete: throws {nameof(InvalidOperationException)}", "complete: done", StringComparison.Ordinal) == actual
                || expected?.Replace($"complete at once: throws {nameof(InvalidOperationException)}", "complete at once: done", StringComparison.Ordinal) == actual);
    }

    /// <summary>What is in the log where an answer to a broken message depends on who breaks it first, or where Kestrel's is broken itself.</summary>
    private static bool IsLogExplained(ExchangeProgram program, ExchangeOutcome stock, ExchangeOutcome front) =>
        (program.IsBadBody && stock.LoggedStatus >= 400 && front.LoggedStatus >= 400) || (program.Does("advance") && (IsError(stock.Wire) || IsError(front.Wire)));
}
