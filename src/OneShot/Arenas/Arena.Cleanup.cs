namespace OneShot;

/// <summary>Callbacks at the end of a request.</summary>
public sealed unsafe partial class Arena
{
    private ResetCallbacks _callbacks; // not readonly: it is changed in place

    /// <summary>
    /// Registers what is to run when this request ends, or when the mark it was registered under is rewound: newest
    /// first, before any memory is cleared. Costs no allocation beyond the delegate.
    /// </summary>
    /// <remarks>
    /// A callback may use the arena: allocate, register others, set marks and rewind those. It can neither end the request that
    /// is ending (<see cref="Reset"/>, <see cref="Dispose"/>), nor rewind a mark around the one that is being rewound:
    /// that is an <see cref="InvalidOperationException"/>.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">This arena was disposed.</exception>
    public void OnReset(Action<object?> callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        using Inside inside = Enter();
        ThrowIfUnusable();
        _callbacks.Add(callback, state, CountedCallbacks);
        _isPlain = false;
    }

    /// <summary>Those that were registered before the innermost mark. A rewind that is running counts no more of them.</summary>
    private int CountedCallbacks => _markCount == 0 ? 0 : _marks[_markCount - 1].Callbacks;
}
