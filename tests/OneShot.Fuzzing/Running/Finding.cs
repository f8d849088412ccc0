using System.Security.Cryptography;
using OneShot.Fuzzing.Targets;

namespace OneShot.Fuzzing.Running;

/// <summary>An input that broke a promise.</summary>
internal sealed record Finding(FuzzTarget Target, byte[] Input, Exception Exception)
{
    /// <summary>The input as a C# literal, to be read and to be made a test of.</summary>
    public string Literal => string.Concat(Input.Select(value => value switch
    {
        (byte)'\r' => "\\r",
        (byte)'\n' => "\\n",
        (byte)'\t' => "\\t",
        (byte)'"' or (byte)'\\' => $"\\{(char)value}",
        >= 0x20 and < 0x7F => ((char)value).ToString(),
        _ => $"\\u{value:X4}",
    }));

    /// <summary>The same input has the same name.</summary>
    public string FileName => Convert.ToHexStringLower(SHA256.HashData(Input))[..16];

    public override string ToString() => $"{Target.Name}: {Exception.GetType().Name}: {Exception.Message}{Environment.NewLine}  \"{Literal}\"";
}
