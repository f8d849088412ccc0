namespace OneShot.Transport.Native;

/// <summary>
/// A descriptor that is closed when nobody uses it any more: no call can meet a number that the system has given to somebody else.
/// </summary>
/// <remarks>
/// One word: the owner and each user count two, the lowest bit says that it is to be closed. Whoever takes the count from there to
/// nothing closes it; once the bit is set, nobody comes in. Thread-safe.
/// </remarks>
internal sealed class Descriptor(int number)
{
    private const int ClosingBit = 1;
    private const int OneUser = 2;

    private int _state = OneUser;

    /// <summary>The number itself, for who is between <see cref="TryUse"/> and <see cref="Release"/>.</summary>
    public int Number => number;

    /// <summary>Whether it is closed, or will be with its last user.</summary>
    public bool IsClosing => (Volatile.Read(ref _state) & ClosingBit) != 0;

    /// <returns>False when it is closed, or about to be.</returns>
    public bool TryUse()
    {
        int state = Volatile.Read(ref _state);
        while ((state & ClosingBit) == 0)
        {
            int seen = Interlocked.CompareExchange(ref _state, state + OneUser, state);
            if (seen == state)
            {
                return true;
            }

            state = seen;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Add(ref _state, -OneUser) == ClosingBit)
        {
            _ = Libc.Close(number);
        }
    }

    /// <summary>Lets nobody in any more, and closes it with the last who is. Again does nothing.</summary>
    public void Close()
    {
        if ((Interlocked.Or(ref _state, ClosingBit) & ClosingBit) == 0)
        {
            Release();
        }
    }
}
