namespace OneShot.Transport.Loops;

/// <summary>
/// Whether handlers hold a loop up again and again. While they do, connections that are not known to be quick are served elsewhere:
/// each of them could cost the others another bound.
/// </summary>
/// <remarks>
/// <see cref="OnTake"/> is the watchdog's alone. <see cref="OnTurn"/> may come from several threads; a turn that is counted twice, or not
/// at all, does no harm.
/// </remarks>
internal struct BlockingSpell
{
    /// <summary>Takes in a row that begin a spell.</summary>
    public const int Takes = 8;

    /// <summary>Bounds between two takes that are in a row: beyond, a tenth of the loop's time is lost at most.</summary>
    public const int BoundsBetween = 16;

    /// <summary>Quick turns in a row that end it.</summary>
    public const int QuickTurns = 256;

    private volatile int _turnsLeft;
    private TimeSpan _lastTake;
    private int _takesInARow;

    public readonly bool IsOn => _turnsLeft > 0;

    /// <summary>The loop is taken from a handler.</summary>
    /// <param name="now">On any clock that goes on.</param>
    /// <param name="bound">How long a call-out may take.</param>
    public void OnTake(TimeSpan now, TimeSpan bound)
    {
        _takesInARow = _takesInARow > 0 && now - _lastTake <= BoundsBetween * bound ? _takesInARow + 1 : 1;
        _lastTake = now;
        if (_takesInARow >= Takes)
        {
            _turnsLeft = QuickTurns;
        }
    }

    /// <summary>A turn is over that was served elsewhere because of the spell.</summary>
    public void OnTurn(TurnKind kind)
    {
        int left = _turnsLeft;
        if (left > 0)
        {
            _turnsLeft = kind == TurnKind.Quick ? left - 1 : QuickTurns;
        }
    }
}
