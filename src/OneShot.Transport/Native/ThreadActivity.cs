using System.Globalization;
using Microsoft.Win32.SafeHandles;
using OneShot.Transport.Loops;

namespace OneShot.Transport.Native;

/// <summary>
/// What the system knows of a thread: processor time, and whether it waits at the moment. Tells a thread that a handler keeps from one
/// that the system has no processor for, which no other thread would help. Any thread may ask.
/// </summary>
internal sealed class ThreadActivity : IDisposable
{
    private const string ThisThread = "/proc/thread-self";

    private readonly SafeFileHandle? _stat; // open all the time: a process may be out of descriptors when it asks
    private readonly int _clock;

    private ThreadActivity(int id, SafeFileHandle stat)
    {
        _stat = stat;
        _clock = (~id << 3) | 6; // CPUCLOCK_PERTHREAD_MASK, CPUCLOCK_SCHED: include/linux/posix-timers.h
    }

    private ThreadActivity()
    {
    }

    /// <summary>Whether the system says anything: not without proc(5).</summary>
    public bool IsKnown => _stat is not null;

    /// <summary>Spent so far; zero when it is not known.</summary>
    public TimeSpan ProcessorTime => IsKnown ? Libc.ProcessorTime(_clock) : default;

    /// <summary>Whether it waits for something else than a processor; also when it is not known.</summary>
    public bool IsWaiting
    {
        get
        {
            if (!IsKnown)
            {
                return true;
            }

            try
            {
                Span<byte> text = stackalloc byte[128];
                return StateOf(text[..RandomAccess.Read(_stat!, text, fileOffset: 0)]) != (byte)'R';
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                return true; // it has ended
            }
        }
    }

    public static ThreadActivity OfCurrentThread()
    {
        try
        {
            return int.TryParse(Path.GetFileName(new FileInfo(ThisThread).LinkTarget), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                ? new ThreadActivity(id, File.OpenHandle(ThisThread + "/stat", share: FileShare.ReadWrite))
                : new ThreadActivity();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new ThreadActivity();
        }
    }

    /// <summary>The thread ends.</summary>
    public void Dispose() => _stat?.Dispose();

    /// <summary>What has kept the thread in one call-out for a bound; quick if it was only the system.</summary>
    /// <param name="before">Its processor time when the call-out was seen first.</param>
    /// <param name="bound">How long a call-out may take.</param>
    public TurnKind KindSince(TimeSpan before, TimeSpan bound) =>
        ProcessorTime - before >= bound ? TurnKind.Computed : IsWaiting ? TurnKind.Waited : TurnKind.Quick;

    /// <summary>The state in <c>/proc/…/stat</c>, behind a name that may have anything in it. proc_pid_stat(5)</summary>
    internal static byte StateOf(ReadOnlySpan<byte> stat)
    {
        int end = stat.LastIndexOf(") "u8);
        return end >= 0 && end + 2 < stat.Length ? stat[end + 2] : (byte)0;
    }
}
