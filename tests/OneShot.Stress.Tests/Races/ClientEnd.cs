namespace OneShot.Stress.Tests.Races;

/// <summary>The client's end of a connection, over whatever there is between the two.</summary>
internal abstract class ClientEnd : IDisposable
{
    /// <summary>Sends bytes; what can no longer be sent is lost, as on a wire.</summary>
    public abstract ValueTask SendAsync(byte[] bytes);

    /// <summary>The client has sent all it will send.</summary>
    public abstract void Finish();

    /// <summary>The client is gone.</summary>
    public abstract void Reset();

    /// <summary>The next bytes, or none when there will be no more.</summary>
    public abstract ValueTask<byte[]> ReceiveAsync();

    public void Dispose() => Reset();
}
