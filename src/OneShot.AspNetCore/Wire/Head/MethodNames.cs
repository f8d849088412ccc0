using System.Text;
using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Wire;

/// <summary>Method tokens to ids and ids to the framework's own strings. Methods are case-sensitive (RFC 9110 9.1).</summary>
internal static class MethodNames
{
    /// <summary>The id of a method token.</summary>
    public static HttpMethodId Recognise(ReadOnlySpan<byte> method) => method.Length switch
    {
        3 when method.SequenceEqual("GET"u8) => HttpMethodId.Get,
        3 when method.SequenceEqual("PUT"u8) => HttpMethodId.Put,
        4 when method.SequenceEqual("POST"u8) => HttpMethodId.Post,
        4 when method.SequenceEqual("HEAD"u8) => HttpMethodId.Head,
        5 when method.SequenceEqual("PATCH"u8) => HttpMethodId.Patch,
        5 when method.SequenceEqual("TRACE"u8) => HttpMethodId.Trace,
        6 when method.SequenceEqual("DELETE"u8) => HttpMethodId.Delete,
        7 when method.SequenceEqual("OPTIONS"u8) => HttpMethodId.Options,
        7 when method.SequenceEqual("CONNECT"u8) => HttpMethodId.Connect,
        _ => HttpMethodId.Other,
    };

    /// <summary>The method as a string; only a method nobody has heard of costs an allocation.</summary>
    public static string ToName(HttpMethodId id, ReadOnlySpan<byte> method) => id switch
    {
        HttpMethodId.Get => HttpMethods.Get,
        HttpMethodId.Head => HttpMethods.Head,
        HttpMethodId.Post => HttpMethods.Post,
        HttpMethodId.Put => HttpMethods.Put,
        HttpMethodId.Delete => HttpMethods.Delete,
        HttpMethodId.Connect => HttpMethods.Connect,
        HttpMethodId.Options => HttpMethods.Options,
        HttpMethodId.Trace => HttpMethods.Trace,
        HttpMethodId.Patch => HttpMethods.Patch,
        _ => Encoding.ASCII.GetString(method),
    };
}
