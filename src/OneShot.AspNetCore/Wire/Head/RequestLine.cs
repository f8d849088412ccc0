namespace OneShot.AspNetCore.Wire;

/// <summary>The only versions this front speaks.</summary>
internal enum HttpVersion : byte
{
    None = 0,
    Http10 = 10,
    Http11 = 11,
}

/// <summary>Where the parts of a request line are. Offsets count from the first byte of the head, skipped empty lines included.</summary>
internal struct RequestLine
{
    public HttpMethodId Method;
    public HttpVersion Version;
    public int MethodOffset;
    public int MethodLength;
    public int TargetOffset;
    public int TargetLength;

    /// <summary>The method's bytes.</summary>
    /// <param name="head">The head the offsets were found in, or a copy of it.</param>
    public readonly ReadOnlySpan<byte> MethodOf(ReadOnlySpan<byte> head) => head.Slice(MethodOffset, MethodLength);

    /// <summary>The request target's bytes, as they were sent.</summary>
    /// <param name="head">The head the offsets were found in, or a copy of it.</param>
    public readonly ReadOnlySpan<byte> TargetOf(ReadOnlySpan<byte> head) => head.Slice(TargetOffset, TargetLength);
}
