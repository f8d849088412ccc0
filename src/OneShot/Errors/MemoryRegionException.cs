using System.Globalization;
using System.Runtime.InteropServices;

namespace OneShot;

/// <summary>The operating system refused address space or memory. The message carries its error code and text.</summary>
public sealed class MemoryRegionException : Exception
{
    private MemoryRegionException(string operation, long size, int errorCode, string message) : base(message)
    {
        Operation = operation;
        Size = size;
        ErrorCode = errorCode;
    }

    /// <summary>What was asked for: <c>reserve</c>, <c>commit</c>, <c>decommit</c>, ...</summary>
    public string Operation { get; }

    /// <summary>For how many bytes it was asked.</summary>
    public long Size { get; }

    /// <summary><c>errno</c> on Unix, the Win32 error code on Windows.</summary>
    public int ErrorCode { get; }

    internal static MemoryRegionException FromLastError(string operation, nuint size)
    {
        int code = Marshal.GetLastPInvokeError();
        string name = OperatingSystem.IsWindows() ? "error" : "errno";
        string message = string.Create(
            CultureInfo.InvariantCulture,
            $"The operating system refused to {operation} {size} bytes ({name} {code}: {Marshal.GetPInvokeErrorMessage(code)}).");
        return new MemoryRegionException(operation, (long)size, code, message);
    }
}
