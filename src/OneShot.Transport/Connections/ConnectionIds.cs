namespace OneShot.Transport.Connections;

/// <summary>Ids of the form that Kestrel's own transport gives: 13 digits of base 32, each one more than the last.</summary>
internal static class ConnectionIds
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

    // From the time of day, so that a restarted process does not give the same ones again.
    private static long s_last = DateTime.UtcNow.Ticks;

    public static string Next() => Format(Interlocked.Increment(ref s_last));

    internal static string Format(long number) => string.Create(13, number, static (text, value) =>
    {
        for (int i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Digits[(int)(value & 31)];
            value >>>= 5;
        }
    });
}
