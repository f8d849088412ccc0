using System.Threading.Tasks.Sources;

namespace OneShot.LoadTest.Tail.Load;

/// <summary>
/// Requests that are due, in their order, for connections that are free: a due one goes to a free connection at once, or waits for the
/// next that becomes free. Holds numbers only: those that wait are the ones between the last given and the last due.
/// </summary>
/// <remarks><see cref="Release"/> is for one thread; a place is for one connection. Allocates nothing once the places are made.</remarks>
internal sealed class RequestQueue
{
    private readonly Lock _lock = new();
    /// <summary>The one that has been free longest first: none idles for so long that its other end closes it.</summary>
    private readonly Queue<Place> _free = new();
    private long _due;
    private long _given;
    private bool _ended;

    public Place CreatePlace() => new(this);

    /// <summary>The next one is due. Where a connection is free, it goes on inside this call.</summary>
    public void Release()
    {
        Place? place = null;
        long request = 0;
        lock (_lock)
        {
            _due++;
            if (_free.TryDequeue(out place))
            {
                request = _given++;
            }
        }

        place?.Complete(request);
    }

    /// <summary>There are no more: each connection gets <see cref="Place.End"/> once nothing waits.</summary>
    public void End()
    {
        Place[] free;
        lock (_lock)
        {
            _ended = true;
            free = [.. _free];
            _free.Clear();
        }

        foreach (Place place in free)
        {
            place.Complete(Place.End);
        }
    }

    /// <summary>Where one connection waits for its next request.</summary>
    internal sealed class Place(RequestQueue queue) : IValueTaskSource<long>
    {
        public const long End = -1;

        private ManualResetValueTaskSourceCore<long> _source;

        /// <summary>The number of the next request, or <see cref="End"/>. One call at a time.</summary>
        public ValueTask<long> NextAsync()
        {
            lock (queue._lock)
            {
                if (queue._given < queue._due)
                {
                    return new ValueTask<long>(queue._given++);
                }

                if (queue._ended)
                {
                    return new ValueTask<long>(End);
                }

                _source.Reset();
                queue._free.Enqueue(this);
                return new ValueTask<long>(this, _source.Version);
            }
        }

        public void Complete(long request) => _source.SetResult(request);

        long IValueTaskSource<long>.GetResult(short token) => _source.GetResult(token);

        ValueTaskSourceStatus IValueTaskSource<long>.GetStatus(short token) => _source.GetStatus(token);

        void IValueTaskSource<long>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _source.OnCompleted(continuation, state, token, flags);
    }
}
