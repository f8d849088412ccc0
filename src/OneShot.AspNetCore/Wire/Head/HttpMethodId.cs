namespace OneShot.AspNetCore.Wire;

/// <summary>The methods of RFC 9110 and PATCH; any other token is <see cref="Other"/>.</summary>
internal enum HttpMethodId : byte
{
    Other,
    Get,
    Head,
    Post,
    Put,
    Delete,
    Connect,
    Options,
    Trace,
    Patch,
}
