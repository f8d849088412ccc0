namespace OneShot.EndToEnd.Tests.Servers;

internal static class ServerKinds
{
    /// <summary>All: what an application does must not depend on either line.</summary>
    public static TheoryData<ServerKind> All =>
        [ServerKind.Kestrel, ServerKind.Front, ServerKind.FrontPerRequest, ServerKind.KestrelOnTransport, ServerKind.FrontOnTransport];

    /// <summary>The front in all of its ways.</summary>
    public static TheoryData<ServerKind> Fronts => [ServerKind.Front, ServerKind.FrontPerRequest, ServerKind.FrontOnTransport];

    extension(ServerKind kind)
    {
        /// <summary>Whether the front speaks HTTP/1.1 on it.</summary>
        public bool IsFront => kind is ServerKind.Front or ServerKind.FrontPerRequest or ServerKind.FrontOnTransport;

        /// <summary>Whether it stands on the transport.</summary>
        public bool IsOnTransport => kind is ServerKind.KestrelOnTransport or ServerKind.FrontOnTransport;
    }
}
