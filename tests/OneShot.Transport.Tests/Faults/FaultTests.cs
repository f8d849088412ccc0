using System.ComponentModel;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Faults;

/// <summary>Every system call of the transport fails once, in every way that it may, and nothing is lost but the connection it was for.</summary>
[Collection(OneAtATime.Name)]
public sealed class FaultTests
{
    /// <summary>Calls of a kind that fail in turn. Those of a large answer go on like that: more of them with <c>ONESHOT_SOAK_SECONDS</c>.</summary>
    private static readonly int s_mostCalls = Settings.Seconds is null ? 12 : 500;

    [Theory]
    [MemberData(nameof(Fault.OfConnections), MemberType = typeof(Fault))]
    public async Task A_call_that_fails_ends_its_connection_at_most(string call, string error)
    {
        var fault = Fault.Of(call, error);
        await using TransportServer server = await TransportServer.StartAsync();
        await using var service = new ConnectionService(server, Conversation.ServeAsync);
        Assert.True(await Conversation.AskAsync(server, 10));
        await Limit.Until(() => server.Loops[0].Targets == 1);
        int descriptors = DescriptorTable.Instance.Count;
        foreach (int[] sizes in new int[][] { [10], [100, 20_000, 0, 1], [Conversation.Large] })
        {
            bool hasFailed = true;
            for (int n = 1; hasFailed && n <= s_mostCalls; n++)
            {
                using (var plan = new NthCallFails(fault, n))
                {
                    plan.Begin();
                    bool isAnswered = await Conversation.AskAsync(server, sizes);
                    await Limit.Until(() => server.Loops[0].Targets == 1, $"{fault}, call {n}: the connection ends");
                    hasFailed = plan.HasFailed;
                    Assert.True(isAnswered || (hasFailed && !fault.IsHarmless), $"{fault}, call {n} of {sizes.Length} answers: not all has come.");
                }

                await Limit.Until(() => DescriptorTable.Instance.Count == descriptors, $"{fault}, call {n}: its descriptor is closed");
                Assert.True(await Conversation.AskAsync(server, 10, 3_000), $"{fault}, call {n}: the next connection is served");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Fault.OfBeginning), MemberType = typeof(Fault))]
    public async Task What_was_opened_for_a_beginning_that_fails_is_closed(string call, string error)
    {
        int descriptors = DescriptorTable.Instance.Count;
        int sockets = OwnProcess.Sockets();
        bool hasFailed = true;
        int failures = 0;
        for (int n = 1; hasFailed; n++)
        {
            using var plan = new NthCallFails(Fault.Of(call, error), n);
            plan.Begin();
            Exception? exception = await Record.ExceptionAsync(async () =>
            {
                await using TransportServer server = await TransportServer.StartAsync(options => options.Loops = 3);
            });
            hasFailed = plan.HasFailed;
            if (hasFailed)
            {
                Assert.True(exception is Win32Exception or OutOfMemoryException, exception?.ToString());
                failures++;
            }
            else
            {
                Assert.Null(exception);
            }

            await Limit.Until(() => DescriptorTable.Instance.Count == descriptors, $"{call}, {n}");
            await Limit.Until(() => OwnProcess.Sockets() <= sockets);
        }

        Assert.True(failures >= 1);
    }
}
