namespace OneShot.AspNetCore.Http1;

/// <summary>OnStarting and OnCompleted: last registered, first called.</summary>
internal abstract partial class Http1Exchange
{
    private readonly Stack<(Func<object, Task> Callback, object State)> _onStarting = new();
    private readonly Stack<(Func<object, Task> Callback, object State)> _onCompleted = new();

    public void OnStarting(Func<object, Task> callback, object state)
    {
        ThrowIfStarted(nameof(OnStarting));
        _onStarting.Push((callback, state));
    }

    public void OnCompleted(Func<object, Task> callback, object state) => _onCompleted.Push((callback, state));

    /// <summary>Called when the last byte is on its way; what a callback throws is logged and hinders no other.</summary>
    internal ValueTask FireOnCompletedAsync() => _onCompleted.Count == 0 ? default : FireAllAsync();

    private async ValueTask FireAllAsync()
    {
        while (_onCompleted.TryPop(out (Func<object, Task> Callback, object State) entry))
        {
            try
            {
                await entry.Callback(entry.State);
            }
            catch (Exception exception)
            {
                Http1Log.ApplicationError(_front.Logger, _connection.ConnectionId, TraceIdentifier, exception);
            }
        }
    }

    private async ValueTask FireOnStartingAsync()
    {
        while (_onStarting.TryPop(out (Func<object, Task> Callback, object State) entry))
        {
            await entry.Callback(entry.State);
        }
    }

    private void BeginCallbacks()
    {
        _onStarting.Clear();
        _onCompleted.Clear();
    }
}
