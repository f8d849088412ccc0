namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>What the application has registered for its response's start or its end: last registered, first called.</summary>
internal sealed class ResponseCallbacks
{
    private Stack<(Func<object, Task> Callback, object State)>? _entries; // few requests have any

    internal int Count => _entries is { } entries ? entries.Count : 0;

    internal void Add(Func<object, Task> callback, object state) => (_entries ??= new()).Push((callback, state));

    internal void Clear()
    {
        if (Count > 0)
        {
            _entries!.Clear();
        }
    }

    /// <summary>Calls all. The first that throws ends it.</summary>
    internal async ValueTask FireAsync()
    {
        while (_entries is { } entries && entries.TryPop(out (Func<object, Task> Callback, object State) entry))
        {
            await entry.Callback(entry.State);
        }
    }

    /// <summary>Calls all; what one throws hinders no other.</summary>
    /// <param name="onFailure">Hears of it.</param>
    internal async ValueTask FireAsync(Action<Exception> onFailure)
    {
        while (_entries is { } entries && entries.TryPop(out (Func<object, Task> Callback, object State) entry))
        {
            try
            {
                await entry.Callback(entry.State);
            }
            catch (Exception exception)
            {
                onFailure(exception);
            }
        }
    }
}
