using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

/// <summary>Memory with a limit, of the test's own.</summary>
internal sealed class LimitedMemory(string key, long used, long limit) : IMemoryUse
{
    public string Key => key;

    public string Name => key + " of the test";

    public string Remedies => "another test.";

    public long Used { get; set; } = used;

    public long Limit { get; set; } = limit;

    public bool IsReadable { get; set; } = true;

    public bool TryRead(out MemoryReading reading)
    {
        reading = new MemoryReading(Used, Limit);
        return IsReadable;
    }
}
