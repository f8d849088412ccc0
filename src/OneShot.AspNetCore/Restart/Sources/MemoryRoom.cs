namespace OneShot.AspNetCore.Restart;

/// <summary>How much more memory this process may take before it gets near an end.</summary>
/// <param name="Bytes">0 where there is none, and where nobody can tell; <see cref="MemoryReading.NoLimit"/> where nothing bounds it.</param>
/// <param name="Bound">What bounds it: the end of a sentence that begins with "room for 5 bytes".</param>
internal readonly record struct MemoryRoom(long Bytes, string Bound)
{
    public static MemoryRoom Unlimited { get; } = new(MemoryReading.NoLimit, "");
}
