namespace OneShot.AspNetCore.Http1.Response;

/// <summary>The response fields that the server itself looks at.</summary>
[Flags]
internal enum ResponseFields
{
    None = 0,
    Connection = 1,
    ContentLength = 2,
    TransferEncoding = 4,
    Date = 8,
    Server = 16,
}

internal static class ResponseFieldNames
{
    /// <summary>Which of the server's own fields a name is; decided by length first, so that most names cost one switch.</summary>
    internal static ResponseFields Classify(string name) => name.Length switch
    {
        4 when Is(name, "Date") => ResponseFields.Date,
        6 when Is(name, "Server") => ResponseFields.Server,
        10 when Is(name, "Connection") => ResponseFields.Connection,
        14 when Is(name, "Content-Length") => ResponseFields.ContentLength,
        17 when Is(name, "Transfer-Encoding") => ResponseFields.TransferEncoding,
        _ => ResponseFields.None,
    };

    private static bool Is(string name, string expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
