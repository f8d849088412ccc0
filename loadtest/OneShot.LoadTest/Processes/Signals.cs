using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OneShot.LoadTest.Processes;

/// <summary>What an orchestrator sends. <see cref="Process"/> itself knows SIGKILL only.</summary>
internal static partial class Signals
{
    private const int SigTerm = 15;

    /// <summary>Asks the process to stop. On Windows, which has no such signal, ends it.</summary>
    public static void Terminate(Process process)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                process.Kill(entireProcessTree: true);
            }
            else if (!process.HasExited)
            {
                // It may have ended since: then there is nobody to tell, and the result does not matter. The id cannot be
                // another process's yet, because the runtime reaps this one only when it tells that it has exited.
                _ = Kill(process.Id, SigTerm);
            }
        }
        catch (InvalidOperationException)
        {
            // Ended between the question and the deed.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
