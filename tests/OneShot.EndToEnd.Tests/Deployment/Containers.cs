using OneShot.LoadTest.Drill.Supervision;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>Control groups for tests.</summary>
internal static class Containers
{
    /// <summary>Skips the test where this process may not make one.</summary>
    /// <param name="limit">Bytes, of all that runs in it.</param>
    internal static MemoryCgroup Create(long limit)
    {
        try
        {
            return MemoryCgroup.Create(limit);
        }
        catch (NotSupportedException exception)
        {
            Assert.Skip(exception.Message);
            throw;
        }
    }
}
