namespace OneShot.Differential.Tests.Generation;

/// <summary>What is sent over one connection: a few generated requests and a plain one, cut in one way or another.</summary>
/// <param name="Seed">Makes the same conversation again.</param>
/// <param name="Requests">How many requests were generated for it.</param>
/// <param name="Bytes">All of it, the plain request at the end included.</param>
internal sealed record Conversation(int Seed, int Requests, byte[] Bytes)
{
    private static readonly byte[] s_probe = "GET /probe HTTP/1.1\r\nHost: probe\r\n\r\n"u8.ToArray();

    /// <summary>Two of three by the grammar, the third a mutant of a seed.</summary>
    internal static Conversation Make(int seed, IReadOnlyList<byte[]> seeds)
    {
        var dice = new Dice(seed);
        bool mutant = seed % 3 == 2;
        int count = mutant ? 1 : dice.Number(1, 6);
        var grammar = new RequestGrammar(dice);
        var mutator = new Mutator(dice, seeds);
        List<byte> bytes = [];
        for (int i = 0; i < count; i++)
        {
            bytes.AddRange(mutant ? mutator.Next() : grammar.Next());
        }

        bytes.AddRange(s_probe);
        return new Conversation(seed, count, [.. bytes]);
    }

    /// <summary>The pieces in which it is sent: most often one.</summary>
    internal IEnumerable<ReadOnlyMemory<byte>> Pieces() =>
        Seed % 4 == 0 ? Shapes.Shape.InPieces(Bytes, new Random(Seed)) : Shapes.Shape.Whole(Bytes);
}
