using OneShot.Transport.Native;

namespace OneShot.Transport.Tests.Faults;

/// <summary>Decides over system calls. Thread-safe.</summary>
internal abstract class FaultPlan : IDisposable
{
    /// <summary>As <see cref="SystemCallFaults.OnCall"/>.</summary>
    public abstract int Decide(SystemCall call, ref nuint length);

    /// <summary>Holds from here on, until it is disposed.</summary>
    public void Begin() => DescriptorTable.Instance.Plan = this;

    public void Dispose() => DescriptorTable.Instance.Plan = null;
}
