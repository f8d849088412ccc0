namespace OneShot.Buffers;

/// <summary>
/// How long a piece of arena memory is its holder's: until its request ends, or until the innermost mark it was
/// allocated under is rewound, which the end of the request does too.
/// </summary>
/// <param name="Id">The request's epoch; under a mark the mark's serial, which no other mark of the arena ever has.</param>
/// <param name="Depth">How many marks are around it.</param>
internal readonly record struct ArenaLifetime(long Id, int Depth)
{
    /// <summary>The same as one number: a request's is negative, a mark's its serial, which is larger than that of every mark around it.</summary>
    public long Key => Depth == 0 ? -1 - Id : Id;
}
