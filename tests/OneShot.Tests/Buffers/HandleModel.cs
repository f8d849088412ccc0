namespace OneShot.Tests.Buffers;

/// <summary>What the handles of an arena should show: a program is run against both.</summary>
internal abstract class HandleModel<TKind>(Arena arena) : IDisposable where TKind : struct, Enum
{
    private readonly Stack<(ArenaMark Mark, int Noted)> _marks = [];

    protected Arena Arena => arena;

    /// <summary>Under how many marks memory is taken now.</summary>
    protected int Depth => _marks.Count;

    /// <summary>Does something to both, and holds the handles against the model.</summary>
    public abstract void Step(TKind kind, int size);

    public virtual void Dispose()
    {
    }

    /// <param name="noted">What is to be told when it is rewound.</param>
    protected void Mark(int noted = 0) => _marks.Push((arena.Mark(), noted));

    /// <summary>Rewinds to the innermost mark, or to one further out.</summary>
    /// <param name="skipped">How many are between.</param>
    /// <param name="noted">What was noted with the mark.</param>
    /// <returns>False if there is none.</returns>
    protected bool TryRewind(int skipped, out int noted)
    {
        while (skipped-- > 0 && _marks.Count > 1)
        {
            _marks.Pop();
        }

        bool isMarked = _marks.TryPop(out (ArenaMark Mark, int Noted) marked);
        marked.Mark.Dispose();
        noted = marked.Noted;
        return isMarked;
    }

    protected void ResetArena()
    {
        arena.Reset();
        _marks.Clear();
    }
}
