using System.Globalization;
using System.Text;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>
/// The <c>Date</c> field as bytes (RFC 9110 section 6.6.1), made anew once a second by a timer: a request only reads a reference.
/// </summary>
internal sealed class DateHeader : IDisposable
{
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private volatile byte[] _line;

    internal DateHeader(TimeProvider time)
    {
        _time = time;
        _line = Format();
        _timer = time.CreateTimer(
            static state => ((DateHeader)state!).Refresh(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary><c>Date: ...\r\n</c>, at most a second old.</summary>
    internal byte[] Line => _line;

    public void Dispose() => _timer.Dispose();

    private void Refresh() => _line = Format();

    private byte[] Format() =>
        Encoding.ASCII.GetBytes($"Date: {_time.GetUtcNow().ToString("r", CultureInfo.InvariantCulture)}\r\n");
}
