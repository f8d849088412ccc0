namespace OneShot;

/// <summary>
/// What runs when a request ends or a mark is rewound, newest first: callbacks, and the end of children. A child that has ended by itself is forgotten. The array is
/// kept from request to request.
/// </summary>
internal struct ResetCallbacks
{
    private static readonly Action<object?> s_dispose = static child => ((Arena)child!).Dispose();

    private Callback[]? _items;

    public int Count { get; private set; }

    /// <param name="run">What is to run.</param>
    /// <param name="state">What it is given.</param>
    /// <param name="counted">How many are counted by a mark: those stay where they are.</param>
    /// <exception cref="OutOfMemoryException">All is as it was.</exception>
    public void Add(Action<object?> run, object? state, int counted)
    {
        if (_items is null || Count == _items.Length)
        {
            MakeRoom(counted);
        }

        _items![Count++] = new Callback(run, state);
    }

    /// <summary>As <see cref="Add"/>, for an arena that is to end.</summary>
    public void AddChild(Arena child, int counted) => Add(s_dispose, child, counted);

    /// <summary>Takes the newest, for the caller to run, unless only the oldest <paramref name="downTo"/> are left.</summary>
    public bool TryTakeNewest(int downTo, out Callback callback)
    {
        if (Count <= downTo)
        {
            callback = default;
            return false;
        }

        callback = _items![--Count];
        _items[Count] = default;
        return true;
    }

    /// <summary>Forgets ended children. Unless that frees half of the room there is twice as much: so a look at one that stays is paid for by one that is added.</summary>
    private void MakeRoom(int counted)
    {
        ForgetEnded(counted);
        int room = _items?.Length ?? 0;
        if (Count > room / 2 || room == 0)
        {
            FaultInjection.Allocation();
            Array.Resize(ref _items, Math.Max(4, room * 2));
        }
    }

    private void ForgetEnded(int counted)
    {
        int kept = counted;
        for (int index = counted; index < Count; index++)
        {
            if (!IsEnded(_items![index]))
            {
                _items[kept++] = _items[index];
            }
        }

        if (kept < Count)
        {
            Array.Clear(_items!, kept, Count - kept);
            Count = kept;
        }
    }

    /// <summary>Another thread may be ending the child: then it is seen at a later look.</summary>
    private static bool IsEnded(in Callback callback) => ReferenceEquals(callback.Run, s_dispose) && ((Arena)callback.State!).IsDisposed;

    public readonly struct Callback(Action<object?> run, object? state)
    {
        public readonly Action<object?> Run = run;
        public readonly object? State = state;
    }
}
