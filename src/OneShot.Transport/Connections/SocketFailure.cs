using Microsoft.AspNetCore.Connections;
using OneShot.Transport.Native;

namespace OneShot.Transport.Connections;

/// <summary>From errno to what Kestrel's transport would have thrown.</summary>
internal static class SocketFailure
{
    public static Exception Of(int errno)
    {
        Exception inner = Errno.ToException(errno);
        return Errno.IsReset(errno) ? new ConnectionResetException(inner.Message, inner) : new IOException(inner.Message, inner);
    }

    /// <summary>The same said again, to another caller, whose stack is another.</summary>
    public static Exception Again(Exception error) => error switch
    {
        ConnectionResetException => new ConnectionResetException(error.Message, error),
        ConnectionAbortedException => new ConnectionAbortedException(error.Message, error),
        _ => new IOException(error.Message, error),
    };
}
