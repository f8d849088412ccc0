namespace HeaderServer;

/// <summary>
/// <c>OneShot:Garbage</c>: bytes that every request leaves on the GC's heap, as the code of an ordinary service does; this sample
/// itself leaves next to none. For trying out a heap budget.
/// </summary>
internal static class Garbage
{
    private const string Key = "OneShot:Garbage";
    private const int Piece = 256;
    private const int Most = 1 << 20;

    /// <returns>0 for none.</returns>
    public static int Read(IConfiguration configuration) => NumberSetting.Read(configuration, Key, "bytes", Most);

    public static RequestDelegate Leave(int bytes, RequestDelegate next) => context =>
    {
        Allocate(bytes);
        return next(context);
    };

    /// <summary>Small objects that refer to each other, so that they are on the heap and not on the stack.</summary>
    private static void Allocate(int bytes)
    {
        List<byte[]> pieces = new(bytes / Piece);
        for (int left = bytes; left > 0; left -= Piece)
        {
            pieces.Add(new byte[Math.Min(left, Piece)]);
        }

        GC.KeepAlive(pieces);
    }
}
