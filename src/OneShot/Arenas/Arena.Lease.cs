namespace OneShot;

/// <summary>
/// Who may give the arena back to its pool: the holder of the present ticket, and once. Tickets count up; an old one is worth
/// nothing.
/// </summary>
public sealed partial class Arena
{
    private long _ticket;

    /// <summary>For a pool that hands the arena out; nobody else has it.</summary>
    internal long BeginLease() => ++_ticket;

    /// <summary>Thread-safe: of all who try with the same ticket one succeeds.</summary>
    internal bool TryEndLease(long ticket) => Interlocked.CompareExchange(ref _ticket, ticket + 1, ticket) == ticket;

    /// <summary>The same for the only one who has the ticket: no atomic operation.</summary>
    internal bool TryEndOwnLease(long ticket)
    {
        if (_ticket != ticket)
        {
            return false;
        }

        _ticket = ticket + 1;
        return true;
    }
}
