namespace OneShot.AspNetCore.Hosting;

/// <summary>Counts the endpoints the front was put on. Thread-safe: configuration may be reloaded while the server runs.</summary>
internal sealed class Http1Endpoints
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public void Add() => Interlocked.Increment(ref _count);
}
