namespace OneShot.Transport.Buffers;

/// <summary>Blocks one behind the other, and the bytes in them. One thread at a time; changed in place.</summary>
internal struct BlockChain
{
    public Block? Head { get; private set; }

    public Block? Tail { get; private set; }

    public readonly bool IsEmpty => Head is null;

    /// <summary>Bytes in all of its blocks.</summary>
    public readonly long Length
    {
        get
        {
            long length = 0;
            for (Block? block = Head; block is not null; block = block.Following)
            {
                length += block.Length;
            }

            return length;
        }
    }

    /// <summary>Its last block, with so much room in it: a new one where there is none, or it has less.</summary>
    /// <param name="least">Bytes; beyond the size of a pooled block, the new one is made for it.</param>
    /// <param name="pool">Where it comes from.</param>
    public Block TailWithRoom(int least, BlockPool pool)
    {
        if (Tail is null || Tail.Room < least)
        {
            Block next = least > Block.PooledSize ? new Block(least) : pool.Rent();
            if (Tail is null)
            {
                Head = next;
            }
            else
            {
                Tail.Append(next);
            }

            Tail = next;
        }

        return Tail;
    }

    /// <summary>
    /// Puts the blocks of another, which is empty then, behind these. One that has room behind it in the last is copied: many a
    /// chain is a few dozen bytes, and a block is not.
    /// </summary>
    public void TakeOver(ref BlockChain other, BlockPool pool)
    {
        if (other.Head is not { } first)
        {
            return;
        }

        if (first == other.Tail && Tail is { } last && first.Length <= last.Room)
        {
            first.Filled.CopyTo(last.Free.Span);
            last.Fill(first.Length);
            other.Release(pool);
            return;
        }

        if (Tail is null)
        {
            Head = first;
        }
        else
        {
            Tail.Follow(first);
        }

        Tail = other.Tail;
        other = default;
    }

    /// <summary>The first bytes are done with, and so are blocks of which nothing is left.</summary>
    /// <returns>How many there were more than it has had.</returns>
    public nint Take(nint bytes, BlockPool pool)
    {
        while (Head is { } head && bytes >= head.Length)
        {
            bytes -= head.Length;
            DropHead(pool);
        }

        if (Head is null)
        {
            return bytes;
        }

        Head.Take((int)bytes);
        return 0;
    }

    /// <summary>The first block goes back.</summary>
    public void DropHead(BlockPool pool)
    {
        Block head = Head!;
        Head = head.Following;
        if (Head is null)
        {
            Tail = null;
        }

        pool.Return(head);
    }

    /// <summary>All of them go back.</summary>
    public void Release(BlockPool pool)
    {
        while (Head is not null)
        {
            DropHead(pool);
        }
    }
}
