namespace OneShot.Transport.Loops;

/// <summary>
/// From what epoll gives back to whom it is for: a place and its generation, so that an event for a descriptor that is no longer
/// there meets nobody, and never the next one at that place.
/// </summary>
/// <remarks>Adding and removing take a lock, once a connection. Finding does not.</remarks>
internal sealed class TargetTable
{
    private readonly Lock _lock = new();
    private readonly Stack<int> _free = [];
    private Place[] _places = new Place[64];
    private int _used;

    /// <summary>Places taken.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _used - _free.Count;
            }
        }
    }

    public void Add(EventTarget target)
    {
        lock (_lock)
        {
            int index = _free.Count > 0 ? _free.Pop() : _used++;
            if (index == _places.Length)
            {
                var larger = new Place[index * 2];
                _places.CopyTo(larger, 0);
                Volatile.Write(ref _places, larger);
            }

            Place place = _places[index] ??= new Place();
            target.Key = ((ulong)place.Generation << 32) | (uint)index;
            Volatile.Write(ref place.Target, target);
        }
    }

    public void Remove(EventTarget target)
    {
        lock (_lock)
        {
            int index = (int)(uint)target.Key;
            Place place = _places[index];
            if (!ReferenceEquals(place.Target, target))
            {
                return; // has gone before
            }

            place.Target = null;
            place.Generation++;
            _free.Push(index);
        }
    }

    /// <returns>Null when it has gone.</returns>
    public EventTarget? Find(ulong key)
    {
        Place[] places = Volatile.Read(ref _places);
        int index = (int)(uint)key;
        EventTarget? target = (uint)index < (uint)places.Length && places[index] is { } place ? Volatile.Read(ref place.Target) : null;
        return target is not null && target.Key == key ? target : null;
    }

    /// <summary>Those that are there now.</summary>
    public List<EventTarget> ToList()
    {
        lock (_lock)
        {
            var all = new List<EventTarget>(_used);
            for (int i = 0; i < _used; i++)
            {
                if (_places[i].Target is { } target)
                {
                    all.Add(target);
                }
            }

            return all;
        }
    }

    private sealed class Place
    {
        public EventTarget? Target;
        public uint Generation;
    }
}
