using System.Buffers;

namespace OneShot.Transport.Buffers;

/// <summary>
/// What was received and not consumed, with the mark up to which it was examined: the buffer of a <see cref="System.IO.Pipelines.PipeReader"/>. One thread at a time; changed in place.
/// </summary>
internal struct ReceivedBytes
{
    /// <summary>Less room than this in a block that has bytes is not worth a call.</summary>
    private const int LeastRoom = 2 * 1024;

    private BlockChain _blocks;
    private long _examined; // position in the sequence: what is before it has been looked at

    public readonly bool HasUnexamined => _blocks.Tail is { } tail && PositionOf(tail, tail.End) > _examined;

    public readonly ReadOnlySequence<byte> Sequence =>
        _blocks.Head is { } head && _blocks.Tail is { } tail && (head.Length > 0 || tail.Length > 0) ? new ReadOnlySequence<byte>(head, head.Start, tail, tail.End) : default;

    /// <summary>Where to receive into.</summary>
    public Block TailWithRoom(BlockPool pool)
    {
        if (_blocks.IsEmpty)
        {
            _examined = 0;
        }

        return _blocks.TailWithRoom(LeastRoom, pool);
    }

    /// <summary>Bytes are done with, or only looked at.</summary>
    /// <returns>Whether some are left.</returns>
    /// <exception cref="InvalidOperationException">Less was examined than consumed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position is not one of these bytes.</exception>
    public bool Advance(Block consumed, int consumedIndex, SequencePosition examined, BlockPool pool)
    {
        long consumedAt = PositionOf(consumed, consumedIndex);
        long examinedAt = examined.GetObject() is Block examinedBlock ? PositionOf(examinedBlock, examined.GetInteger()) : consumedAt;
        if (examinedAt < consumedAt)
        {
            throw new InvalidOperationException("The examined position cannot be less than the consumed position.");
        }

        if (_blocks.Head is not { } head || _blocks.Tail is not { } tail || consumedAt < PositionOf(head, head.Start) || examinedAt > PositionOf(tail, tail.End))
        {
            throw new ArgumentOutOfRangeException(nameof(consumed), "The position is not one of the bytes that were read.");
        }

        if (consumedAt == PositionOf(tail, tail.End))
        {
            // All of it: one block stays for what comes next, as if new.
            while (_blocks.Head != tail)
            {
                _blocks.DropHead(pool);
            }

            tail.Clear();
            _examined = 0;
            return false;
        }

        while (PositionOf(head, head.End) <= consumedAt)
        {
            _blocks.DropHead(pool); // there are bytes behind it, or all would have been consumed
            head = _blocks.Head!;
        }

        head.TakeUpTo((int)(consumedAt - head.RunningIndex));
        _examined = examinedAt;
        return true;
    }

    /// <summary>A block without bytes is of no use to a reader that waits.</summary>
    public void ReleaseEmptyBlock(BlockPool pool)
    {
        if (_blocks.Head is { Length: 0 } head && head == _blocks.Tail)
        {
            Release(pool);
        }
    }

    public void Release(BlockPool pool)
    {
        _blocks.Release(pool);
        _examined = 0;
    }

    private static long PositionOf(Block block, int index) => block.RunningIndex + index;
}
