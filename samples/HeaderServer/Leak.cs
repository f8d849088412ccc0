using System.Globalization;

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
    public static Leak? Read(IConfiguration configuration) => configuration[Key] switch
    {
        null or "0" => null,
        string text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int bytes) && bytes <= Most => new Leak(bytes),
        string text => throw new InvalidSettingException($"{Key} is '{text}': write a number of bytes up to {Most}."),
    };

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
