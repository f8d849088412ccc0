using CsCheck;

namespace OneShot.Tests.Model;

/// <summary>A random program over several arenas of one process arena, and the options it runs under.</summary>
internal sealed record ArenaProgram(ProcessArenaOptions Options, Operation[] Operations)
{
    public const int Arenas = 3;

    private static readonly Gen<OperationKind> s_kind = Gen.Frequency(
        (8, Gen.Const(OperationKind.Allocate)),
        (3, Gen.Const(OperationKind.AllocateUninitialized)),
        (2, Gen.Const(OperationKind.AllocateVectors)),
        (2, Gen.Const(OperationKind.AllocateAligned)),
        (2, Gen.Const(OperationKind.Copy)),
        (3, Gen.Const(OperationKind.New)),
        (3, Gen.Const(OperationKind.AllocateUnsafe)),
        (5, Gen.Const(OperationKind.Resize)),
        (4, Gen.Const(OperationKind.Return)),
        (2, Gen.Const(OperationKind.AllocateForRequest)),
        (2, Gen.Const(OperationKind.Pin)),
        (1, Gen.Const(OperationKind.Unpin)),
        (1, Gen.Const(OperationKind.OnReset)),
        (1, Gen.Const(OperationKind.Reserve)),
        (3, Gen.Const(OperationKind.Mark)),
        (3, Gen.Const(OperationKind.Rewind)),
        (2, Gen.Const(OperationKind.Reset)),
        (1, Gen.Const(OperationKind.Dispose)));

    // Mostly small, sometimes around a quarter block or a block, seldom beyond.
    private static readonly Gen<int> s_size = Gen.Frequency(
        (10, Gen.Int[0, 100]),
        (3, Gen.Int[200, 300]),
        (2, Gen.Int[900, 1100]),
        (1, Gen.Int[0, 9000]));

    private static readonly Gen<Operation> s_operation = Gen.Select(s_kind, Gen.Int[0, Arenas - 1], s_size, (kind, arena, size) => new Operation(kind, arena, size));

    public static Gen<ArenaProgram> Random(ArenaReclamation reclamation, int steps, bool debug = false, bool guardPages = false) => Gen.Select(
        Gen.OneOf([.. new[] { 1024, 1088, 2048, 4096 }.Select(size => Gen.Const(size))]),
        Gen.Int[32_768, 400_000],
        Gen.Bool.Select(throws => throws ? ArenaExhaustion.Throw : ArenaExhaustion.Fallback),
        s_operation.Array[steps],
        (block, capacity, exhaustion, operations) => new ArenaProgram(
            new() { BlockSize = block, Capacity = capacity, Exhaustion = exhaustion, Reclamation = reclamation, Debug = debug, GuardPages = guardPages },
            operations));
}
