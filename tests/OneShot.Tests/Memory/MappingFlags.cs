using System.Globalization;

namespace OneShot.Tests.Memory;

/// <summary>What Linux says of the mapping an address lies in: the line <c>VmFlags</c> of smaps.</summary>
internal static class MappingFlags
{
    public static string Of(nint address)
    {
        bool found = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            int dash = line.IndexOf('-', StringComparison.Ordinal);
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            if (dash > 0 && space > dash && long.TryParse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long start) &&
                long.TryParse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long end))
            {
                found = address >= start && address < end;
            }
            else if (found && line.StartsWith("VmFlags", StringComparison.Ordinal))
            {
                return line;
            }
        }

        return "";
    }
}
