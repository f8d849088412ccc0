using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Servers;

/// <summary>A server that listens, outside of this process. Disposing it ends it.</summary>
internal interface IServer : IAsyncDisposable
{
    public string Name { get; }

    public Uri Address { get; }

    /// <summary>Does <paramref name="work"/>, which ends with an exception as soon as the server does.</summary>
    /// <exception cref="LoadTestException">The server died meanwhile.</exception>
    public Task<T> WhileAliveAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Does <paramref name="load"/>, and reads before and after it what the server has cost.</summary>
    /// <exception cref="LoadTestException">The server died meanwhile, or does not tell.</exception>
    public Task<(LoadOutcome Load, ServerCost Cost)> MeasureAsync(Func<CancellationToken, Task<LoadOutcome>> load, CancellationToken cancellationToken);
}
