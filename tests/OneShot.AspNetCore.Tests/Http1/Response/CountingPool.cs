using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections.Features;

namespace OneShot.AspNetCore.Tests.Http1.Response;

/// <summary>A pool of blocks that knows how many are out, and notices when one is written to after it has come back.</summary>
internal sealed class CountingPool : MemoryPool<byte>, IMemoryPoolFeature
{
    private const byte Poison = 0xDD;

    private readonly ConcurrentBag<byte[]> _returned = [];
    private int _rented;

    internal const int BlockSize = 4096;

    public override int MaxBufferSize => BlockSize;

    MemoryPool<byte> IMemoryPoolFeature.MemoryPool => this;

    /// <summary>Blocks that are out.</summary>
    internal int Rented => Volatile.Read(ref _rented);

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        Interlocked.Increment(ref _rented);
        if (!_returned.TryTake(out byte[]? bytes))
        {
            bytes = new byte[BlockSize];
            bytes.AsSpan().Fill(Poison);
        }

        AssertUntouched(bytes);
        return new Block(this, bytes);
    }

    internal void AssertUntouched()
    {
        foreach (byte[] bytes in _returned)
        {
            AssertUntouched(bytes);
        }
    }

    protected override void Dispose(bool disposing)
    {
    }

    private static void AssertUntouched(byte[] bytes) =>
        Assert.False(bytes.AsSpan().ContainsAnyExcept(Poison), "a block was written to after it was given back");

    private sealed class Block(CountingPool pool, byte[] bytes) : IMemoryOwner<byte>
    {
        private int _isReturned;

        public Memory<byte> Memory
        {
            get
            {
                Assert.Equal(0, Volatile.Read(ref _isReturned));
                return bytes;
            }
        }

        public void Dispose()
        {
            Assert.Equal(0, Interlocked.Exchange(ref _isReturned, 1));
            bytes.AsSpan().Fill(Poison);
            pool._returned.Add(bytes);
            Interlocked.Decrement(ref pool._rented);
        }
    }
}
