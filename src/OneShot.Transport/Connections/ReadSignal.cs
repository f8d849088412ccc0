namespace OneShot.Transport.Connections;

/// <summary>How a reader and the kernel's word "there is something" meet.</summary>
internal enum ReadSignalState
{
    /// <summary>Nobody waits, and nothing was said since the reader last looked.</summary>
    Idle,

    /// <summary>A reader waits. Whoever takes that back acts for the reader, alone.</summary>
    Waiting,

    /// <summary>Something was said while nobody waited: the reader looks before it waits.</summary>
    Signalled,
}

/// <summary>
/// The word between a connection's reader and its loop. All changes are here, by compare-and-swap.
/// </summary>
/// <remarks>
/// <code>
///            | TryWait (reader)        | Signal (loop)              | TryTake (canceller, closer)
/// Idle       | Waiting                 | Signalled                  | refused
/// Waiting    | ! (one reader)          | Idle: the loop reads       | Idle: the taker answers the reader
/// Signalled  | Idle, refused: look     | ~                          | refused
/// </code>
/// </remarks>
internal struct ReadSignal
{
    private int _state;

    public readonly ReadSignalState State => (ReadSignalState)Volatile.Read(in _state);

    /// <returns>False when something was said meanwhile: the reader looks again.</returns>
    public bool TryWait()
    {
        if (Interlocked.CompareExchange(ref _state, (int)ReadSignalState.Waiting, (int)ReadSignalState.Idle) == (int)ReadSignalState.Idle)
        {
            return true;
        }

        Volatile.Write(ref _state, (int)ReadSignalState.Idle); // only a reader leaves Signalled
        return false;
    }

    /// <returns>True when a reader waited: the caller reads for it.</returns>
    public bool Signal()
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            switch ((ReadSignalState)state)
            {
                case ReadSignalState.Signalled:
                    // Written again: what the loop has noted before it says so is seen by who takes this word, or a later one.
                    if (Interlocked.CompareExchange(ref _state, state, state) == state)
                    {
                        return false;
                    }

                    break;
                case ReadSignalState.Waiting:
                    if (Interlocked.CompareExchange(ref _state, (int)ReadSignalState.Idle, state) == state)
                    {
                        return true;
                    }

                    break;
                default:
                    if (Interlocked.CompareExchange(ref _state, (int)ReadSignalState.Signalled, state) == state)
                    {
                        return false;
                    }

                    break;
            }
        }
    }

    /// <returns>True when a reader waited: the caller answers it.</returns>
    public bool TryTake() =>
        Interlocked.CompareExchange(ref _state, (int)ReadSignalState.Idle, (int)ReadSignalState.Waiting) == (int)ReadSignalState.Waiting;
}
