namespace OneShot.Blocks;

/// <summary>Takes the tail that an idle arena keeps for its next request, for a request that finds no other block.</summary>
/// <param name="needed">Bytes that the tail must have.</param>
/// <param name="tail">The tail, which starts on a cache line of its own.</param>
internal delegate bool IdleTailSource(nuint needed, out HeldBlock tail);
