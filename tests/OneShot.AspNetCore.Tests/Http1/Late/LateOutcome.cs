namespace OneShot.AspNetCore.Tests.Http1.Late;

/// <summary>What has come of a late act.</summary>
/// <param name="Result">What it gave or threw.</param>
/// <param name="Sent">All that the server sent after the earlier response, without dates.</param>
/// <param name="Errors">What the server has logged at level Error, first lines.</param>
/// <param name="Complaints">What a request has found in its arena that was not its own.</param>
internal sealed record LateOutcome(string Result, string Sent, string Errors, string Complaints)
{
    /// <summary>It was refused in the way that says so.</summary>
    internal bool IsRefused => Result is $"throws {nameof(ObjectDisposedException)}" or $"throws {nameof(InvalidOperationException)}";

    public override string ToString() => $"{Result} -> {Sent}{(Errors.Length > 0 ? " logged: " + Errors : "")} {Complaints}";
}
