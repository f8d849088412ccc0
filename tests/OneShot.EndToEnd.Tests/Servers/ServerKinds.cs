namespace OneShot.EndToEnd.Tests.Servers;

internal static class ServerKinds
{
    /// <summary>All three: what an application does must not depend on the line.</summary>
    public static TheoryData<ServerKind> All => [ServerKind.Kestrel, ServerKind.Front, ServerKind.FrontPerRequest];

    /// <summary>The front in both of its ways.</summary>
    public static TheoryData<ServerKind> Fronts => [ServerKind.Front, ServerKind.FrontPerRequest];
}
