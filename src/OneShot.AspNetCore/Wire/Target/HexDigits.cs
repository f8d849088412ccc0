namespace OneShot.AspNetCore.Wire;

/// <summary>Two hexadecimal digits, in any case, as one byte.</summary>
internal static class HexDigits
{
    public static bool TryRead(ReadOnlySpan<byte> digits, out byte value)
    {
        int high = ValueOf(digits[0]);
        int low = ValueOf(digits[1]);
        value = (byte)((high << 4) | low);
        return (high | low) >= 0;
    }

    private static int ValueOf(byte digit) => char.IsAsciiHexDigit((char)digit) ? (digit & 0xF) + (digit > '9' ? 9 : 0) : -1;
}
