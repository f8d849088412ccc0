namespace OneShot;

/// <summary>Callbacks at the end of a request.</summary>
public sealed unsafe partial class Arena
{
    private Callback[] _callbacks = [];
    private int _callbackCount;

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
        ThrowIfUnusable();
        using Inside inside = Enter();
        if (_callbackCount == _callbacks.Length)
        {
            FaultInjection.Allocation();
            Array.Resize(ref _callbacks, Math.Max(4, _callbackCount * 2));
        }

        _isPlain = false;
        _callbacks[_callbackCount++] = new Callback(callback, state);
    }

    /// <summary>Runs all but the oldest <paramref name="downTo"/>, also those that are registered meanwhile.</summary>
    private void RunCallbacks(int downTo, ref Failures failures)
    {
        while (_callbackCount > downTo)
        {
            Callback callback = _callbacks[--_callbackCount];
            _callbacks[_callbackCount] = default;
            try
            {
                callback.Run(callback.State);
            }
#pragma warning disable CA1031 // Whatever it is, the other callbacks run; the caller gets it afterwards.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                failures.Add(failure);
            }
        }
    }

    private readonly struct Callback(Action<object?> run, object? state)
    {
        public readonly Action<object?> Run = run;
        public readonly object? State = state;
    }
}
