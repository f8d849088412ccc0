namespace HeaderServer;

/// <summary>
/// <c>OneShot:Leak</c>: bytes that every request leaves on the GC's heap for ever, as a cache without an end does. For trying out restarts
/// by the container's memory.
/// </summary>
/// <remarks>Any thread may add.</remarks>
internal sealed class Leak
{
    private const string Key = "OneShot:Leak";
    private const int Most = 1 << 20;

    private readonly int _bytes;
    private Piece? _last;

    private Leak(int bytes) => _bytes = bytes;

    /// <returns>Null for none.</returns>
    public static Leak? Read(IConfiguration configuration) => NumberSetting.Read(configuration, Key, "bytes", Most) is > 0 and int bytes ? new Leak(bytes) : null;

    public RequestDelegate Add(RequestDelegate next) => context =>
    {
        Piece piece = new(new byte[_bytes]);
        piece.Before = Interlocked.Exchange(ref _last, piece);
        return next(context);
    };

    private sealed class Piece(byte[] bytes)
    {
        public byte[] Bytes { get; } = bytes;

        public Piece? Before { get; set; }
    }
}
