using System.Buffers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using OneShot.Transport.Native;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Faults;

[Collection(OneAtATime.Name)]
public sealed class SendFailureTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(10_000)]
    public async Task Nothing_is_sent_while_another_thread_cuts_the_connection(int size)
    {
        await using TransportServer server = await TransportServer.StartAsync();
        (Socket client, ConnectionContext connection) = await server.ConnectAsync();
        using var plan = new SlowClose();
        plan.Begin();
        Task aborting = Task.Run(connection.Abort);
        await plan.IsClosing.Task.Soon();

        connection.Transport.Output.Write("lost"u8);
        await connection.Transport.Output.FlushAsync();
        await connection.Transport.Output.WriteAsync(new byte[size]);
        connection.Transport.Output.Write("more"u8);
        await connection.Transport.Output.FlushAsync();
        connection.Transport.Output.Write("last"u8);
        connection.Transport.Output.Complete();

        plan.LetClose.Set();
        await aborting.Soon();
        await connection.DisposeAsync().Soon();
        Assert.Equal(0, plan.Sends); // of a connection that is being cut, nothing goes out any more
        client.Dispose();
    }

    private sealed class SlowClose : FaultPlan
    {
        private int _sends;

        public int Sends => Volatile.Read(ref _sends);

        public TaskCompletionSource IsClosing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim LetClose { get; } = new();

        public override int Decide(SystemCall call, ref nuint length)
        {
            switch (call)
            {
                case SystemCall.SetOption: // the reset
                    IsClosing.TrySetResult();
                    LetClose.Wait();
                    return 0;
                case SystemCall.Send or SystemCall.SendMessage:
                    Interlocked.Increment(ref _sends);
                    return 0;
                default:
                    return 0;
            }
        }
    }
}
