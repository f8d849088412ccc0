using OneShot.Transport.Native;

namespace OneShot.Transport.Tests.Native;

[Collection(OneAtATime.Name)]
public sealed class DescriptorTests
{
    [Fact]
    public void It_closes_at_once_when_nobody_uses_it()
    {
        Descriptor descriptor = Open();
        Assert.True(IsOpen(descriptor));

        descriptor.Close();

        Assert.False(IsOpen(descriptor));
        Assert.False(descriptor.TryUse());
        Assert.True(descriptor.IsClosing);
    }

    [Fact]
    public void It_closes_with_its_last_user()
    {
        Descriptor descriptor = Open();
        Assert.True(descriptor.TryUse());
        Assert.True(descriptor.TryUse());
        descriptor.Close();
        Assert.False(descriptor.TryUse());

        descriptor.Release();
        Assert.True(IsOpen(descriptor));
        descriptor.Release();
        Assert.False(IsOpen(descriptor));
    }

    [Fact]
    public void It_closes_once()
    {
        Descriptor descriptor = Open();
        descriptor.Close();
        Descriptor next = Open(); // has its number, unless a finalizer or the runtime is at it just now
        while (next.Number != descriptor.Number)
        {
            descriptor = next;
            descriptor.Close();
            next = Open();
        }

        descriptor.Close();
        Assert.False(descriptor.TryUse());

        Assert.True(IsOpen(next));
        next.Close();
    }

    [Fact]
    public async Task No_user_meets_a_closed_one_whoever_closes_it_when()
    {
        for (int round = 0; round < 300; round++)
        {
            Descriptor descriptor = Open();
            using var start = new ManualResetEventSlim();
            Task[] users = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                start.Wait();
                while (descriptor.TryUse())
                {
                    Assert.True(IsOpen(descriptor));
                    descriptor.Release();
                }
            }))];
            Task[] closers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                start.Wait();
                descriptor.Close();
            }))];
            start.Set();

            await Task.WhenAll([.. users, .. closers]).Soon();
            Assert.False(IsOpen(descriptor));
        }
    }

    private static Descriptor Open() => new(Libc.EventDescriptor(0, Libc.EventNonBlocking | Libc.EventCloseOnExec));

    private static unsafe bool IsOpen(Descriptor descriptor)
    {
        ulong one = 1;
        return Libc.Raw.Write(descriptor.Number, &one, sizeof(ulong)) == sizeof(ulong); // not by the table, which lets nobody use a closed one
    }
}
