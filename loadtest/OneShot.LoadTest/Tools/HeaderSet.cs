namespace OneShot.LoadTest.Tools;

/// <summary>The header fields of a kind of traffic, in wire order. <c>Host</c> comes on top: the tools write it themselves.</summary>
internal sealed record HeaderSet(string Name, string Description, IReadOnlyList<HeaderField> Fields)
{
    /// <summary>Field lines of a request, <c>Host</c> included.</summary>
    public int Count => Fields.Count + 1;

    public bool Changes => Fields.Any(line => line.Changes);

    /// <summary>Bytes of the field lines without <c>Host</c>, with colon, space and line end.</summary>
    public int Bytes => Fields.Sum(line => line.Name.Length + line.At(0).Length + ": \r\n".Length);
}
