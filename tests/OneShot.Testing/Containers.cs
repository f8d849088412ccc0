using OneShot.LoadTest.Drill.Supervision;

namespace OneShot.Testing;

/// <summary>Control groups for tests.</summary>
internal static class Containers
{
    /// <summary>One that limits memory. Disposing it waits for its processes to end.</summary>
    /// <param name="limit">Bytes, of all that runs in it.</param>
    /// <param name="skip">Skips the test, with a reason, where this process may not make one.</param>
    public static MemoryCgroup Create(long limit, Action<string> skip)
    {
        try
        {
            return MemoryCgroup.Create(limit);
        }
        catch (NotSupportedException exception)
        {
            skip(exception.Message);
            throw;
        }
    }
}
