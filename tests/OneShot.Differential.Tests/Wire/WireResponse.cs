using System.Text;

namespace OneShot.Differential.Tests.Wire;

/// <summary>How a response on the wire said where its body ends.</summary>
internal enum WireFraming
{
    None,
    Length,
    Chunked,
    UntilClose,
}

/// <summary>A response as a strict client takes it apart.</summary>
internal sealed class WireResponse
{
    internal required string Protocol { get; init; }

    internal required int Status { get; init; }

    internal required string Reason { get; init; }

    /// <summary>Names in lower case, in the order of the wire.</summary>
    internal required List<(string Name, string Value)> Fields { get; init; }

    internal WireFraming Framing { get; set; }

    internal byte[] Body { get; set; } = [];

    /// <summary>Why the response is not whole or not well-formed; empty when it is.</summary>
    internal string Fault { get; set; } = "";

    internal bool IsInterim => Status is >= 100 and < 200 and not 101;

    internal string BodyText => Encoding.Latin1.GetString(Body);

    internal IEnumerable<string> Values(string name) => Fields.Where(field => field.Name == name).Select(field => field.Value);

    /// <summary>Whether the response says that the connection ends with it.</summary>
    internal bool SaysClose => Values("connection").Any(value => value.Split(',').Any(token => token.Trim().Equals("close", StringComparison.OrdinalIgnoreCase)));
}
