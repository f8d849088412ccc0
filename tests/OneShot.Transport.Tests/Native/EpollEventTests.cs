using System.Runtime.InteropServices;
using OneShot.Transport.Native;

namespace OneShot.Transport.Tests.Native;

public sealed class EpollEventTests
{
    [Theory]
    [InlineData(Architecture.X64, 12)]
    [InlineData(Architecture.Arm64, 16)]
    public void It_is_packed_on_x64_only(Architecture architecture, int size) => Assert.Equal(size, EpollEvent.SizeOn(architecture));

    [Fact]
    public unsafe void The_kernel_reads_and_writes_it_as_we_do()
    {
        byte* events = stackalloc byte[3 * 16];
        int epoll = Libc.EpollCreate(Libc.EpollCloseOnExec);
        int first = Libc.EventDescriptor(1, Libc.EventNonBlocking | Libc.EventCloseOnExec);
        int second = Libc.EventDescriptor(1, Libc.EventNonBlocking | Libc.EventCloseOnExec);
        try
        {
            EpollEvent.Write(events, EpollEvents.Readable, 0x0123_4567_89AB_CDEF);
            Assert.Equal(0, Libc.EpollControl(epoll, Libc.EpollAdd, first, events));
            EpollEvent.Write(events, EpollEvents.Readable, 0xFEDC_BA98_7654_3210);
            Assert.Equal(0, Libc.EpollControl(epoll, Libc.EpollAdd, second, events));
            new Span<byte>(events, 48).Fill(0xAA);

            Assert.Equal(2, Libc.EpollWait(epoll, events, 3, 0));

            Assert.Equal(EpollEvents.Readable, EpollEvent.EventsOf(events));
            Assert.Equal(0x0123_4567_89AB_CDEFul, EpollEvent.DataOf(events));
            Assert.Equal(EpollEvents.Readable, EpollEvent.EventsOf(events + EpollEvent.Size));
            Assert.Equal(0xFEDC_BA98_7654_3210ul, EpollEvent.DataOf(events + EpollEvent.Size));
            Assert.Equal(0xAA, events[2 * EpollEvent.Size]);
        }
        finally
        {
            _ = Libc.Close(epoll);
            _ = Libc.Close(first);
            _ = Libc.Close(second);
        }
    }
}
