namespace OneShot.Fuzzing.Targets;

/// <summary>The code under test broke one of its promises on this input.</summary>
internal sealed class Violation(string message) : Exception(message)
{
    /// <summary>Throws unless a promise was kept.</summary>
    public static void Unless(bool kept, string promise)
    {
        if (!kept)
        {
            throw new Violation(promise);
        }
    }
}
