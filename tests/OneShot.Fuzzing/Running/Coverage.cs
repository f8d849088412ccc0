using System.Runtime.InteropServices;
using OneShot.AspNetCore.Wire;
using SharpFuzz.Common;

namespace OneShot.Fuzzing.Running;

/// <summary>The branches that instrumented code has taken: SharpFuzz's map, read in the process itself.</summary>
/// <remarks>Counts fall into AFL's buckets: once, twice, three times, up to 7, 15, 31, 127, more.</remarks>
internal sealed unsafe class Coverage
{
    private const int MapSize = 65536;

    private readonly byte* _map = (byte*)NativeMemory.AllocZeroed(MapSize);
    private readonly byte[] _seen = new byte[MapSize];

    private Coverage() => Trace.SharedMem = _map;

    /// <summary>Branches seen so far.</summary>
    public int Branches { get; private set; }

    /// <summary>Null when the code under test is as the compiler made it.</summary>
    public static Coverage? TryCreate() =>
        typeof(HeaderParser).Assembly.GetReferencedAssemblies().Any(name => name.Name == typeof(Trace).Assembly.GetName().Name) ? new Coverage() : null;

    /// <summary>An input is about to run.</summary>
    public void Begin()
    {
        new Span<byte>(_map, MapSize).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether the input took a branch that none has taken before, or none so often.</summary>
    public bool TakeNew()
    {
        bool isNew = false;
        var map = new ReadOnlySpan<byte>(_map, MapSize);
        for (int at = map.IndexOfAnyExcept((byte)0); at >= 0;)
        {
            byte bucket = Bucket(map[at]);
            if ((_seen[at] & bucket) == 0)
            {
                Branches += _seen[at] == 0 ? 1 : 0;
                _seen[at] |= bucket;
                isNew = true;
            }

            int next = map[(at + 1)..].IndexOfAnyExcept((byte)0);
            at = next < 0 ? -1 : at + 1 + next;
        }

        return isNew;
    }

    private static byte Bucket(byte count) => count switch
    {
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
