using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using OneShot.Transport.Native;

namespace OneShot.Transport.Tests.Faults;

/// <summary>
/// Every descriptor that the transport has open, from the start of the process on. A call on one that is closed ends the process: its
/// number may be anybody's. A <see cref="FaultPlan"/> may have calls fail.
/// </summary>
internal sealed unsafe class DescriptorTable : SystemCallFaults
{
    private readonly ConcurrentDictionary<int, Watched?> _open = new();
    private volatile FaultPlan? _plan;

    private DescriptorTable()
    {
    }

    public static DescriptorTable Instance { get; } = new();

    public int Count => _open.Count;

    public FaultPlan? Plan
    {
        get => _plan;
        set => _plan = value;
    }

    protected override int OnCall(SystemCall call, int descriptor, ref nuint length)
    {
        Watched? watched = null;
        if (descriptor >= 0 && !_open.TryGetValue(descriptor, out watched))
        {
            Environment.FailFast($"{call} on {descriptor}, which is closed.");
        }

        nuint asked = length;
        int error = _plan?.Decide(call, ref length) ?? 0;
        if (watched is not null && (error == Errno.Again || length < asked))
        {
            watched.Tell(descriptor); // a kernel that does less than it could says when there is more
        }

        return error;
    }

    protected override void OnOpened(int descriptor)
    {
        if (!_open.TryAdd(descriptor, null))
        {
            Environment.FailFast($"{descriptor} is open already.");
        }
    }

    protected override void OnClosing(int descriptor)
    {
        if (!_open.TryRemove(descriptor, out _))
        {
            Environment.FailFast($"{descriptor} is closed already.");
        }
    }

    protected override void OnWatching(int epoll, int descriptor, byte* @event) =>
        _open[descriptor] = new Watched(epoll, EpollEvent.EventsOf(@event), EpollEvent.DataOf(@event));

    [ModuleInitializer]
    internal static void Install() => Current = Instance;

    private sealed record Watched(int Epoll, EpollEvents Events, ulong Data)
    {
        /// <summary>Has the loop told of all that can be done, as at the first time.</summary>
        public void Tell(int descriptor)
        {
            byte* buffer = stackalloc byte[16];
            EpollEvent.Write(buffer, Events, Data);
            _ = Libc.Raw.EpollControl(Epoll, Libc.EpollModify, descriptor, buffer);
        }
    }
}
