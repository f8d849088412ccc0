namespace OneShot.AspNetCore.Authentication;

/// <summary>A cache of validated tokens that was asked for.</summary>
internal sealed record TokenCacheSettings(string Scheme, int Capacity, TimeSpan Lifetime)
{
    /// <summary>Longer ones are validated each time. Kestrel's limit for a whole head is 32 KiB.</summary>
    public const int LongestToken = 8192;
}
