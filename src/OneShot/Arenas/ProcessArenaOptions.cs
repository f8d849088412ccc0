using System.Globalization;
using OneShot.Memory;

namespace OneShot;

/// <summary>How a <see cref="ProcessArena"/> is built. Every default suits a first try.</summary>
public sealed class ProcessArenaOptions
{
    private const int SmallestBlock = 1024;
    private const int LargestBlock = 256 << 20;
    private const long LargestCapacity = 1L << 44;

    /// <summary>The hard cap in bytes, from <see cref="BlockSize"/> to 16 TiB; 64 MiB by default. Address space is reserved for all of it, memory is committed as it is used.</summary>
    public long Capacity { get; set; } = 64L << 20;

    /// <summary>Bytes an <see cref="Arena"/> takes at a time: a multiple of 64 from 1 KiB to 256 MiB; 16 KiB by default.</summary>
    public int BlockSize { get; set; } = 16 << 10;

    /// <summary>What happens to memory when a request ends; <see cref="ArenaReclamation.Never"/> by default.</summary>
    public ArenaReclamation Reclamation { get; set; }

    /// <summary>What happens when the arena is full; <see cref="ArenaExhaustion.Fallback"/> by default.</summary>
    public ArenaExhaustion Exhaustion { get; set; }

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message says what to write instead.</exception>
    internal void Validate()
    {
        if (BlockSize is < SmallestBlock or > LargestBlock || BlockSize % Alignment.Block != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(BlockSize),
                BlockSize,
                string.Create(CultureInfo.InvariantCulture, $"BlockSize must be a multiple of {Alignment.Block} from {SmallestBlock} to {LargestBlock} bytes; 16384 suits most services."));
        }

        if (Capacity < BlockSize || Capacity > LargestCapacity)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Capacity),
                Capacity,
                string.Create(CultureInfo.InvariantCulture, $"Capacity must lie between one block ({BlockSize} bytes) and {LargestCapacity} bytes; 67108864 (64 MiB) is the default."));
        }

        if (!Enum.IsDefined(Reclamation))
        {
            throw new ArgumentOutOfRangeException(nameof(Reclamation), Reclamation, "Reclamation must be Never or PerRequest.");
        }

        if (!Enum.IsDefined(Exhaustion))
        {
            throw new ArgumentOutOfRangeException(nameof(Exhaustion), Exhaustion, "Exhaustion must be Fallback, Reject, Throw or FailFast.");
        }
    }
}
