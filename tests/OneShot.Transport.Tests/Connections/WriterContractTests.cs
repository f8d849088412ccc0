namespace OneShot.Transport.Tests.Connections;

/// <summary>The contract as the framework's own pipe keeps it: what is asked of ours is not made up.</summary>
public sealed class SystemPipeWriterTests : WriterContract
{
    protected override Task<PipePair> CreateAsync() => Task.FromResult<PipePair>(new SystemPipePair());
}

/// <summary>The contract as the transport keeps it.</summary>
public sealed class SocketWriterTests : WriterContract
{
    protected override async Task<PipePair> CreateAsync() => await SocketPipePair.CreateAsync();
}
