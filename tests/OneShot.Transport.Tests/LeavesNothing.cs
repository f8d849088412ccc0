using System.Reflection;
using OneShot.Transport.Tests.Faults;
using OneShot.Transport.Tests.Servers;
using Xunit.v3;

namespace OneShot.Transport.Tests;

/// <summary>
/// Before and after each test, no thread runs loops, and the transport has no descriptor open. What ends a little after its test is waited
/// for; the first test that leaves something for good fails, and says so. From there on nothing can be told.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class LeavesNothing : BeforeAfterTestAttribute
{
    private static bool s_isLeft;

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => EndAsync().GetAwaiter().GetResult();

    public override void After(MethodInfo methodUnderTest, IXunitTest test) => EndAsync().GetAwaiter().GetResult();

    private static async Task EndAsync()
    {
        if (s_isLeft)
        {
            return;
        }

        s_isLeft = true;
        await Limit.Until(() => DescriptorTable.Instance.Count == 0).ConfigureAwait(false);
        await Limit.Until(() => OwnProcess.LoopThreads() == 0).ConfigureAwait(false);
        s_isLeft = false;
    }
}
