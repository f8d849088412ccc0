using System.Buffers;
using System.Diagnostics;

namespace OneShot.Transport.Buffers;

/// <summary>
/// A piece of memory between socket and application, and its place in a sequence of such. The array never moves, so that the kernel
/// can be given its address. One thread at a time.
/// </summary>
internal sealed class Block : ReadOnlySequenceSegment<byte>
{
    /// <summary>Bytes of a pooled block: what a browser's head, or a TLS record, fits into.</summary>
    public const int PooledSize = 16 * 1024;

    private readonly byte[] _bytes;

    public Block(int size = PooledSize) => _bytes = GC.AllocateUninitializedArray<byte>(size, pinned: true);

    /// <summary>Where the bytes begin that have not been taken.</summary>
    public int Start { get; private set; }

    /// <summary>Where the bytes end that have been written.</summary>
    public int End { get; private set; }

    public int Room => _bytes.Length - End;

    /// <summary>Bytes written and not taken.</summary>
    public int Length => End - Start;

    public bool IsPooled => _bytes.Length == PooledSize;

    public Block? Following => (Block?)Next;

    public ReadOnlySpan<byte> Filled => _bytes.AsSpan(Start, Length);

    public Memory<byte> Free => _bytes.AsMemory(End);

    /// <summary>The next block under this one while it lies in a pool.</summary>
    public Block? Below { get; set; }

    public void Fill(int count)
    {
        Debug.Assert((uint)count <= (uint)Room);
        End += count;
    }

    /// <summary>As <see cref="Fill"/>, and readers of the sequence see the bytes.</summary>
    public void FillForReaders(int count)
    {
        Fill(count);
        Memory = _bytes.AsMemory(0, End);
    }

    public void Take(int count)
    {
        Debug.Assert((uint)count <= (uint)Length);
        Start += count;
    }

    public void TakeUpTo(int index)
    {
        Debug.Assert(index >= Start && index <= End);
        Start = index;
    }

    /// <summary>All bytes have been taken: it begins anew, by itself.</summary>
    public void Clear()
    {
        Start = 0;
        End = 0;
        Memory = default;
        Next = null;
        RunningIndex = 0;
    }

    /// <summary>Puts a chain of others behind it, whose positions nobody asks for.</summary>
    public void Follow(Block next)
    {
        Debug.Assert(Next is null);
        Next = next;
    }

    /// <summary>Puts another one behind it. Positions count on from the first of a sequence, whose own are its array's.</summary>
    public void Append(Block next)
    {
        Debug.Assert(Next is null && next.Length == 0);
        next.RunningIndex = RunningIndex + End;
        Next = next;
    }
}
