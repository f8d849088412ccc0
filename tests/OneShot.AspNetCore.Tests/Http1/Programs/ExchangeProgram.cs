namespace OneShot.AspNetCore.Tests.Http1.Programs;

/// <summary>What one client sends, and what the application does about it, in order.</summary>
/// <param name="Seed">Whence it comes.</param>
/// <param name="Head">The request's head.</param>
/// <param name="Pieces">Its body, in the pieces in which it is sent: the first with the head, the others when the application reads and has nothing in hand.</param>
/// <param name="Steps">What the application does before it returns.</param>
/// <param name="LateSteps">What it does, with what it has kept, while the connection's next request runs; or when the connection has ended.</param>
internal sealed record ExchangeProgram(
    int Seed, string Head, IReadOnlyList<string> Pieces, IReadOnlyList<ExchangeStep> Steps, IReadOnlyList<ExchangeStep> LateSteps)
{
    public override string ToString() =>
        $"seed {Seed}: {Head.Trim().Replace("\r\n", " | ", StringComparison.Ordinal)} [{string.Join(" ~ ", Pieces).Replace("\r\n", "/", StringComparison.Ordinal)}]\n"
        + $"  steps: {string.Join("; ", Steps)}\n  late:  {string.Join("; ", LateSteps)}";

    internal bool IsHttp10 => Head.Contains("HTTP/1.0", StringComparison.Ordinal);

    internal bool IsUpgrade => Head.Contains("Upgrade", StringComparison.Ordinal);

    internal bool IsBadBody => Pieces.Any(piece => piece.Contains("\r\nx\r\n", StringComparison.Ordinal) || piece.Contains("nonsense", StringComparison.Ordinal));

    internal bool Does(string what) => Steps.Any(step => step.Name.Contains(what, StringComparison.Ordinal));

    /// <summary>It ends with an exception, or a callback does.</summary>
    internal bool DoesThrow => Does("throw");

    internal bool IsHead => Head.StartsWith("HEAD ", StringComparison.Ordinal);
}
