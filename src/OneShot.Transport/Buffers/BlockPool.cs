namespace OneShot.Transport.Buffers;

/// <summary>
/// The blocks of a loop's connections that nobody uses at the moment. One lies apart for the loop's next event: in the steady state
/// that is the only one, and it takes an exchange to have it. Thread-safe.
/// </summary>
internal sealed class BlockPool
{
    /// <summary>More are left to the garbage collector: 4 MiB a loop.</summary>
    private const int MostRetained = 256;

    private readonly Lock _lock = new();
    private Block? _hot;
    private Block? _top;
    private int _count;

    /// <summary>An empty block.</summary>
    public Block Rent() => Interlocked.Exchange(ref _hot, null) ?? RentCold();

    /// <summary>Takes back a block that nobody reads any more.</summary>
    public void Return(Block block)
    {
        if (!block.IsPooled)
        {
            return;
        }

        block.Clear();
        if (Interlocked.CompareExchange(ref _hot, block, null) is not null)
        {
            ReturnCold(block);
        }
    }

    private Block RentCold()
    {
        lock (_lock)
        {
            if (_top is { } block)
            {
                _top = block.Below;
                block.Below = null;
                _count--;
                return block;
            }
        }

        return new Block();
    }

    private void ReturnCold(Block block)
    {
        lock (_lock)
        {
            if (_count < MostRetained)
            {
                block.Below = _top;
                _top = block;
                _count++;
            }
        }
    }
}
