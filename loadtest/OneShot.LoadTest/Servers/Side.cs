namespace OneShot.LoadTest.Servers;

/// <summary>One of the servers that stand beside each other in a comparison.</summary>
internal abstract record Side(string Name)
{
    public sealed override string ToString() => Name;
}

/// <summary>The sample, by who parses and what brings the bytes.</summary>
internal sealed record SampleSide(Front Front, Transport Transport) : Side($"{Front}/{Transport}");

/// <summary>nginx, for those who know what it does on a machine.</summary>
internal sealed record NginxSide() : Side(Word)
{
    public const string Word = "Nginx";
}
