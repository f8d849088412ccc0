namespace OneShot.AspNetCore.Requests;

/// <summary>An arena that was rented from the pool, and the ticket that gives it back, once. The default value is no arena.</summary>
internal readonly struct ArenaLease(Arena arena, long ticket)
{
    // Read when the arena was taken: read later, it could be that of whoever has the arena by then.
    private readonly long _epoch = arena.Epoch;

    public Arena? Arena { get; } = arena;

    public long Ticket { get; } = ticket;

    /// <summary>What the request is given.</summary>
    public RequestArena Handle => new(Arena, _epoch);
}
