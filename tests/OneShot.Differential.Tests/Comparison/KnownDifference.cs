namespace OneShot.Differential.Tests.Comparison;

/// <summary>A difference that is meant: a row of <c>docs/http1-differences.md</c>, and how to tell that it is this one.</summary>
/// <param name="Id">The row's name.</param>
internal abstract record KnownDifference(string Id)
{
    /// <summary>The front refuses what Kestrel serves (or refuses otherwise), and the cause is to be found in the bytes.</summary>
    internal static EndingDifference Refused(string id, string reason, int status, Func<InputBytes, bool> cause) =>
        new(id, divergence => divergence.FrontRefusedAs(reason, status) && cause(divergence.Input));

    /// <summary>The same of a body: where the application does not read it, the front ends the connection behind the answer.</summary>
    internal static EndingDifference RefusedBody(string id, string reason, int status, Func<InputBytes, bool> cause) =>
        new(id, divergence => (divergence.FrontRefusedAs(reason, status) || divergence.FrontDidNotDrain || divergence.FrontCaught) && cause(divergence.Input));

    /// <summary>Both serve the request; the front says that the connection ends with it, or ends it where the answer had begun.</summary>
    internal static EndingDifference Closed(string id, Func<Divergence, bool> cause) => new(id, divergence =>
        divergence.IsFrontsLast && divergence.Differences.All(difference => difference is { What: "header connection", Stock: "(nothing)", Front: "close" }) && cause(divergence));

    /// <summary>Something the application sees, or the wire shows, otherwise.</summary>
    internal static PassingDifference Passing(string id, string what, Func<Divergence, Difference, bool>? more = null) =>
        new(id, (divergence, difference) => difference.What == what && (more is null || more(divergence, difference)));
}

/// <summary>The exchange is refused by one server only, or otherwise: what follows on the connection cannot be compared.</summary>
internal sealed record EndingDifference(string Id, Func<Divergence, bool> Explains) : KnownDifference(Id);

/// <summary>One thing in an exchange is otherwise, and the connection goes on.</summary>
internal sealed record PassingDifference(string Id, Func<Divergence, Difference, bool> Explains) : KnownDifference(Id);
