namespace OneShot.AspNetCore.Restart;

/// <summary>Memory that may not grow beyond a limit, by which the process would end: see <see cref="LimitSource"/>.</summary>
internal interface IMemoryUse
{
    /// <inheritdoc cref="IMemorySource.Key"/>
    public string Key { get; }

    /// <inheritdoc cref="IMemorySource.Name"/>
    public string Name { get; }

    /// <inheritdoc cref="IMemorySource.Remedies"/>
    public string Remedies { get; }

    /// <summary>What is used now, garbage of the GC's heap and all. Never throws.</summary>
    /// <returns>False when it cannot be read just now.</returns>
    public bool TryRead(out MemoryReading reading);
}

/// <summary>One reading.</summary>
/// <param name="Used">Bytes.</param>
/// <param name="Limit">Bytes; <see cref="NoLimit"/> where there is none any more.</param>
internal readonly record struct MemoryReading(long Used, long Limit)
{
    public const long NoLimit = long.MaxValue;
}
