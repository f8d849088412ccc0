using System.Globalization;

namespace OneShot;

/// <summary>
/// Somebody wrote behind an allocation (<see cref="ProcessArenaOptions.Debug"/>). Found when the request ends or is
/// rewound, which it is before this is thrown.
/// </summary>
public sealed class ArenaCorruptedException : Exception
{
    internal ArenaCorruptedException(string? owner, long size, long offset, int damaged)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"An allocation of {size} bytes by {owner ?? "an arena without an Owner"} was overrun: byte {offset} after its start was written ({damaged} damaged allocations in all)."))
    {
        Owner = owner;
        Size = size;
    }

    /// <summary>What <see cref="Arena.Owner"/> was.</summary>
    public string? Owner { get; }

    /// <summary>Bytes of the first damaged allocation.</summary>
    public long Size { get; }
}
