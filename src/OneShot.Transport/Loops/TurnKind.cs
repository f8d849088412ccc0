namespace OneShot.Transport.Loops;

/// <summary>What the turn of a connection was like for the thread that ran it.</summary>
internal enum TurnKind
{
    /// <summary>It came back within the bound, or the system had no processor for it.</summary>
    Quick,

    /// <summary>It kept its thread waiting: a lock, a result, a sleep.</summary>
    Waited,

    /// <summary>It kept its thread at work.</summary>
    Computed,
}
