namespace OneShot.AspNetCore.Succession;

/// <summary>A process that is to go on in this one's place: in a test, one of the test's own.</summary>
internal interface ISuccessor : IDisposable
{
    public int ProcessId { get; }

    /// <summary>Completes with null when its server listens, or else with why it will not: the end of a sentence.</summary>
    public Task<string?> Ready { get; }

    /// <summary>Ends it, if it is still there.</summary>
    public void Kill();
}

/// <summary>Starts one.</summary>
/// <param name="sockets">Numbers of listening sockets that it is to find open, and their end points.</param>
internal delegate ISuccessor StartSuccessor(IReadOnlyList<(int Descriptor, string EndPoint)> sockets);
