namespace OneShot.Benchmarks.Transport;

/// <summary>What stands between the kernel and the front. A server of its own process each.</summary>
internal enum TransportKind
{
    /// <summary>Kestrel's own transport.</summary>
    Sockets,

    /// <summary>OneShot's.</summary>
    OneShot,

    /// <summary>OneShot's, and no request gives back what it has taken: <see cref="ArenaReclamation.Never"/>, of huge pages populated at the start.</summary>
    OneShotNever,

    /// <summary>No server at all: a loop that receives, and sends a constant answer. What the kernel costs.</summary>
    Floor,
}
