using System.Globalization;

namespace OneShot.AspNetCore.Hosting.MemoryLimit;

/// <summary>How large the heap of the GC may grow.</summary>
/// <param name="Bytes">The hard limit, by default three quarters of the container's memory limit; without any, the machine's memory.</param>
/// <param name="IsFixed">Set as a number of bytes, and taken; else it follows the container's limit.</param>
internal readonly record struct GcHeapLimit(long Bytes, bool IsFixed)
{
    public static GcHeapLimit Read() => From(
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        AppContext.GetData("System.GC.HeapHardLimit"),
        Environment.GetEnvironmentVariable("DOTNET_GCHeapHardLimit"));

    /// <param name="measured">What the GC goes by.</param>
    /// <param name="setting">Of runtimeconfig.json: a number, or its text, decimal or with 0x.</param>
    /// <param name="variable">Of the environment: hexadecimal. With 0x a program that was compiled ahead of time does not take it.</param>
    internal static GcHeapLimit From(long measured, object? setting, string? variable) =>
        new(measured, IsText(Convert.ToString(setting, CultureInfo.InvariantCulture), measured, isHexadecimal: false) || IsText(variable, measured, isHexadecimal: true));

    private static bool IsText(string? text, long measured, bool isHexadecimal)
    {
        ReadOnlySpan<char> digits = text.AsSpan().Trim();
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            digits = digits[2..];
            isHexadecimal = true;
        }

        NumberStyles style = isHexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        return long.TryParse(digits, style, CultureInfo.InvariantCulture, out long bytes) && bytes == measured;
    }
}
