using System.IO.Pipelines;

namespace OneShot.Transport.Tests.Connections;

/// <summary>What an application is given, and the peer at the other end of it.</summary>
public abstract class PipePair : IAsyncDisposable
{
    /// <summary>The application's.</summary>
    public abstract PipeReader Reader { get; }

    /// <summary>The application's.</summary>
    public abstract PipeWriter Writer { get; }

    /// <summary>The peer sends bytes.</summary>
    public abstract Task SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>The peer sends no more.</summary>
    public abstract void EndSending();

    /// <summary>The peer is gone, and does not say goodbye.</summary>
    public abstract void Reset();

    /// <summary>The peer receives so many bytes, or fewer when there are no more.</summary>
    /// <exception cref="IOException">The application has broken off.</exception>
    public abstract Task<byte[]> ReceiveAsync(int count);

    public abstract ValueTask DisposeAsync();
}
