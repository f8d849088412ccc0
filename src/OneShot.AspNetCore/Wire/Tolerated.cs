namespace OneShot.AspNetCore.Wire;

/// <summary>What is accepted of a request though the front refuses it by default, as Kestrel accepts it.</summary>
[Flags]
internal enum Tolerated : byte
{
    None = 0,

    /// <summary>LF without CR ends a line.</summary>
    BareLineFeed = 1,

    /// <summary>Host may be empty.</summary>
    EmptyHost = 2,

    /// <summary>Transfer-Encoding wins over a Content-Length beside it.</summary>
    LengthBesideCoding = 4,

    /// <summary>A value may hold control characters, but NUL, CR and LF.</summary>
    ControlCharactersInValues = 8,
}
