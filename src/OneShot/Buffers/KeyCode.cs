namespace OneShot.Buffers;

/// <summary>Whose code a key compares by.</summary>
internal static class KeyCode<TKey> where TKey : unmanaged
{
    /// <summary>Whether it may be the application's: all but the framework's plain types. A tuple compares by what is in it.</summary>
    public static readonly bool IsForeign = typeof(TKey).IsGenericType || typeof(TKey).Assembly != typeof(object).Assembly;
}
