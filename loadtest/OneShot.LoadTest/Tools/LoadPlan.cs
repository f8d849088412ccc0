namespace OneShot.LoadTest.Tools;

/// <summary>What a load tool is told to do: ask this address for that long, over so many kept-alive connections.</summary>
internal sealed record LoadPlan(Uri Url, HeaderSet Headers, int Connections, TimeSpan Duration)
{
    /// <summary>Requests sent together on a connection, before the first of them is answered.</summary>
    public int Pipeline { get; init; } = 1;

    /// <summary>Bytes of a body to POST; null for GET.</summary>
    public int? PostBytes { get; init; }
}
