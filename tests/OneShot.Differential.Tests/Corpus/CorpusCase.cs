namespace OneShot.Differential.Tests.Corpus;

/// <summary>A hand-written piece of a conversation: what a client sends over one connection.</summary>
internal sealed record CorpusCase(string Topic, string Name, byte[] Bytes)
{
    public override string ToString() => $"{Topic}: {Name}";
}
