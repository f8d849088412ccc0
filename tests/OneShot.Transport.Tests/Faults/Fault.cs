using OneShot.Transport.Native;

namespace OneShot.Transport.Tests.Faults;

/// <summary>What may become of a system call.</summary>
/// <param name="Call">Which.</param>
/// <param name="Error">0 when it succeeds, with a single byte.</param>
internal sealed record Fault(SystemCall Call, int Error)
{
    private const string OneByte = "one byte";

    private static readonly Dictionary<string, int> s_errors = new()
    {
        [OneByte] = 0,
        ["EINTR"] = Errno.Interrupted,
        ["EAGAIN"] = Errno.Again,
        ["ENOMEM"] = Errno.OutOfMemory,
        ["EINVAL"] = Errno.Invalid,
        ["ENFILE"] = Errno.TooManyOpenFilesInSystem,
        ["EMFILE"] = Errno.TooManyOpenFiles,
        ["EPIPE"] = Errno.BrokenPipe,
        ["EPROTO"] = Errno.ProtocolError,
        ["ECONNABORTED"] = Errno.ConnectionAborted,
        ["ECONNRESET"] = Errno.ConnectionReset,
        ["ENOBUFS"] = Errno.NoBufferSpace,
        ["ETIMEDOUT"] = Errno.TimedOut,
    };

    /// <summary>All that man pages tell of the calls of a connection's life.</summary>
    public static TheoryData<string, string> OfConnections { get; } = Data(
        (SystemCall.EpollWait, ["EINTR"]),
        (SystemCall.EpollControl, ["ENOMEM"]),
        (SystemCall.Accept, ["EINTR", "EAGAIN", "ECONNABORTED", "EPROTO", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]),
        (SystemCall.LocalName, ["ENOBUFS"]),
        (SystemCall.SetOption, ["EINVAL"]),
        (SystemCall.Receive, ["EINTR", "EAGAIN", OneByte, "ENOMEM", "ENOBUFS", "ECONNRESET", "ETIMEDOUT"]),
        (SystemCall.Send, ["EINTR", "EAGAIN", OneByte, "ENOMEM", "ENOBUFS", "ECONNRESET", "EPIPE", "ETIMEDOUT"]),
        (SystemCall.SendMessage, ["EINTR", "EAGAIN", OneByte, "ENOMEM", "ENOBUFS", "ECONNRESET", "EPIPE", "ETIMEDOUT"]),
        (SystemCall.Shutdown, ["EINVAL"]));

    /// <summary>Of the calls that a transport begins with.</summary>
    public static TheoryData<string, string> OfBeginning { get; } = Data(
        (SystemCall.EpollCreate, ["EMFILE", "ENOMEM"]),
        (SystemCall.EventDescriptor, ["EMFILE", "ENOMEM"]),
        (SystemCall.EpollControl, ["ENOMEM"]),
        (SystemCall.Duplicate, ["EMFILE"]),
        (SystemCall.StartThread, ["EAGAIN"]));

    public bool IsShort => Error == 0;

    /// <summary>Whether it must not be noticed by either side of a connection.</summary>
    public bool IsHarmless =>
        IsShort || Error is Errno.Again or Errno.Interrupted || Call is SystemCall.Accept or SystemCall.SetOption or SystemCall.Shutdown or SystemCall.LocalName;

    public static Fault Of(string call, string error) => new(Enum.Parse<SystemCall>(call), s_errors[error]);

    private static TheoryData<string, string> Data(params (SystemCall Call, string[] Errors)[] calls)
    {
        var data = new TheoryData<string, string>();
        foreach ((SystemCall call, string[] errors) in calls)
        {
            foreach (string error in errors)
            {
                data.Add(call.ToString(), error);
            }
        }

        return data;
    }
}
