using System.Diagnostics;
using OneShot.Fuzzing.Targets;

namespace OneShot.Fuzzing.Running;

/// <summary>A failed assertion of a Debug build is a finding like any other, not the end of the process.</summary>
internal sealed class AssertionsThrow : TraceListener
{
    public static void Install()
    {
        Trace.Listeners.Clear();
        Trace.Listeners.Add(new AssertionsThrow());
    }

    public override void Fail(string? message, string? detailMessage) => throw new Violation($"Assertion failed: {message} {detailMessage}");

    public override void Write(string? message)
    {
    }

    public override void WriteLine(string? message)
    {
    }
}
