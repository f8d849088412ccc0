namespace OneShot.EndToEnd.Tests.Gateway;

/// <summary>The gateway of <c>samples/Gateway</c>, by which lines of OneShot it has.</summary>
public enum GatewaySide
{
    /// <summary>None: stock Kestrel.</summary>
    Stock,

    /// <summary>Front and token cache.</summary>
    FrontAndCache,

    /// <summary>All of them.</summary>
    FrontOnTransport,
}
